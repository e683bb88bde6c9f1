"""Methods about transactions: sending, simulating and looking them up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from orders.api.rate_limits import count_order
from orders.api.scenarios import hold_back
from orders.solana import history
from orders.solana.accounts import AccountReader
from orders.solana.history import Landed
from orders.solana.ledger_clock import LedgerClock
from orders.solana.node import Node
from orders.solana.rpc.accounts import present
from orders.solana.rpc.dispatch import Method
from orders.solana.rpc.errors import (
    PREFLIGHT_FAILURE,
    SIGNATURE_VERIFICATION_FAILURE,
    RpcError,
    invalid_params,
)
from orders.solana.rpc.network import context_slot, in_context
from orders.solana.rpc.params import Params, address, choice, flag, signature
from orders.solana.rpc.transaction_view import ENCODINGS, present_transaction
from orders.solana.signed_transaction import Refused, SignedTransaction, Undecodable
from orders.solana.simulation import Simulation, Simulator, describe, logs

MAX_SIGNATURES = 256
MAX_LISTED = 1000
WIRE_ENCODINGS = ("base58", "base64")
ACCOUNT_ENCODINGS = ("base64", "base64+zstd", "jsonParsed")


class Transactions:
    """The methods that concern transactions."""

    def __init__(
        self,
        node: Node,
        simulator: Simulator,
        reader: AccountReader,
        clock: LedgerClock,
        now: Callable[[], datetime],
    ) -> None:
        self._node = node
        self._simulator = simulator
        self._reader = reader
        self._clock = clock
        self._now = now

    def methods(self) -> dict[str, Method]:
        """The methods by name."""
        return {
            "sendTransaction": self.send,
            "simulateTransaction": self.simulate,
            "getSignatureStatuses": self.statuses,
            "getSignaturesForAddress": self.signatures_for_address,
            "getTransaction": self.transaction,
        }

    def send(self, params: Params) -> str:
        """Accepts a signed transaction; returns its signature, long before it lands."""
        count_order()
        config = params.config(1)
        transaction = decode(params.text(0), config)
        if not transaction.verify():
            raise RpcError(
                SIGNATURE_VERIFICATION_FAILURE, "Transaction signature verification failure"
            )
        skip_preflight = flag(config, "skipPreflight")
        if not skip_preflight:
            self._preflight(transaction)
        try:
            sent = self._node.send(transaction)
        except Refused as refusal:
            raise _refused(Simulation(refusal.error, logs(transaction, refusal.error), 0)) from None
        hold_back(sent.scenario)
        return sent.signature

    def simulate(self, params: Params) -> dict[str, Any]:
        """How a transaction would end if it were sent now."""
        config = params.config(1)
        transaction = decode(params.text(0), config)
        replace = flag(config, "replaceRecentBlockhash")
        if flag(config, "sigVerify"):
            if replace:
                raise invalid_params("sigVerify may not be used with replaceRecentBlockhash")
            if not transaction.verify():
                raise RpcError(
                    SIGNATURE_VERIFICATION_FAILURE, "Transaction signature verification failure"
                )
        simulation = self._simulator.simulate(transaction, any_blockhash=replace)
        result = _present(simulation)
        if config.get("accounts") is not None:
            result["accounts"] = self._accounts(config["accounts"], transaction, simulation)
        if replace:
            latest = self._clock.latest_blockhash()
            result["replacementBlockhash"] = {
                "blockhash": latest.value,
                "lastValidBlockHeight": latest.last_valid_block_height,
            }
        return in_context(context_slot(self._clock, config), result)

    def statuses(self, params: Params) -> dict[str, Any]:
        """The statuses of up to 256 transactions; null for one that has not landed."""
        asked = [signature(each) for each in params.texts(0, MAX_SIGNATURES)]
        found = history.landed(asked, self._now())
        statuses = [self._status(found.get(each)) for each in asked]
        return in_context(self._clock.slot(), statuses)

    def signatures_for_address(self, params: Params) -> list[dict[str, Any]]:
        """The transactions that name an account, newest first."""
        account, config = params.address(0), params.config(1)
        context_slot(self._clock, config)
        limit = config.get("limit", MAX_LISTED)
        if not isinstance(limit, int) or not 1 <= limit <= MAX_LISTED:
            raise invalid_params(f"Invalid limit; max {MAX_LISTED}")
        before = self._landed(config.get("before"))
        if before is None and config.get("before") is not None:
            return []
        until = self._landed(config.get("until"))
        found = history.landed_of(account, self._now(), limit, before, until)
        return [self._listed(each) for each in found]

    def transaction(self, params: Params) -> dict[str, Any] | None:
        """A landed transaction; null for one that the service itself signed."""
        config = {"encoding": params.get(1)} if isinstance(params.get(1), str) else params.config(1)
        encoding = choice(config, "encoding", ENCODINGS, "json")
        found = self._landed(params.text(0))
        if found is None or found.transaction is None:
            return None
        newest_version = config.get("maxSupportedTransactionVersion")
        return present_transaction(found, found.transaction, encoding, newest_version, self._reader)

    def _preflight(self, transaction: SignedTransaction) -> None:
        if history.landed([transaction.signature], self._now()):
            raise _refused(Simulation("AlreadyProcessed", [], 0))
        if history.is_known(transaction.signature):
            self._check_lasting(transaction)
            return
        simulation = self._simulator.simulate(transaction)
        if simulation.error is not None:
            raise _refused(simulation)

    def _check_lasting(self, transaction: SignedTransaction) -> None:
        """Refuses what was taken, never landed, and can't any more."""
        if not history.has_failed_to_land(transaction.signature, self._now()):
            return
        try:
            self._simulator.check_blockhash(transaction)
        except Refused as refusal:
            raise _refused(Simulation(refusal.error, [], 0)) from None

    def _accounts(
        self, wanted: Any, transaction: SignedTransaction, simulation: Simulation
    ) -> list[dict[str, Any] | None]:
        """The accounts that the caller wants to see as the transaction would leave them."""
        if not isinstance(wanted, dict):
            raise invalid_params("Invalid params: `accounts` needs `addresses`.")
        config = {"encoding": choice(wanted, "encoding", ACCOUNT_ENCODINGS, "base64")}
        most = len(transaction.message.account_keys)
        asked = Params([wanted.get("addresses")]).texts(0, most)
        addresses = [str(address(each)) for each in asked]
        if simulation.state is None:
            return [None for _ in addresses]
        found = self._reader.read_after(addresses, simulation.state)
        return [present(each, config) for each in found]

    def _landed(self, name: Any) -> Landed | None:
        if name is None:
            return None
        if not isinstance(name, str):
            raise invalid_params("Invalid param: Invalid")
        return history.landed([signature(name)], self._now()).get(name)

    def _status(self, found: Landed | None) -> dict[str, Any] | None:
        settled = None if found is None else self._clock.settled(found.slot)
        if found is None or settled is None:
            return None
        confirmations = None if settled == "finalized" else self._clock.slot() - found.slot
        return {
            "slot": found.slot,
            "confirmations": confirmations,
            "err": found.error,
            "status": {"Ok": None} if found.error is None else {"Err": found.error},
            "confirmationStatus": settled,
        }

    def _listed(self, found: Landed) -> dict[str, Any]:
        return {
            "signature": found.signature,
            "slot": found.slot,
            "err": found.error,
            "memo": _memo(found.transaction),
            "blockTime": int(found.at.timestamp()),
            "confirmationStatus": self._clock.settled(found.slot),
        }


def decode(text: str, config: dict[str, Any]) -> SignedTransaction:
    """Decodes a call's well-formed transaction. Raises `RpcError`."""
    encoding = choice(config, "encoding", WIRE_ENCODINGS, "base58")
    try:
        transaction = SignedTransaction.decode(text, encoding)
        transaction.check_form()
    except Undecodable as error:
        raise invalid_params(str(error)) from None
    return transaction


def _memo(transaction: SignedTransaction | None) -> str | None:
    """All memos of a transaction, each after its length in bytes."""
    texts = [] if transaction is None else transaction.memos
    return "; ".join(f"[{len(text)}] {text.decode()}" for text in texts) or None


def _refused(simulation: Simulation) -> RpcError:
    message = f"Transaction simulation failed: {describe(simulation.error)}"
    return RpcError(PREFLIGHT_FAILURE, message, _present(simulation))


def _present(simulation: Simulation) -> dict[str, Any]:
    return {
        "err": simulation.error,
        "logs": simulation.logs,
        "accounts": None,
        "unitsConsumed": simulation.units,
        "returnData": None,
        "innerInstructions": None,
    }
