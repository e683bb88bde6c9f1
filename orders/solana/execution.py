"""The effect of a transaction on balances: runs its instructions and stores nothing.

SOL is one balance of a wallet, wrapped or not, so wrapping moves nothing. Lamports that are sent to
a token account are its owner's. Those that came before there was an account become the owner's when
it is created or closed. This chain charges neither fees nor rent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from solders.pubkey import Pubkey

from orders.market.tokens import TokenRegistry
from orders.solana import limit_order_book, token_accounts
from orders.solana.instructions import (
    Action,
    CloseTokenAccount,
    CreateTokenAccount,
    SolTransfer,
    TokenTransfer,
)
from orders.solana.limit_orders import CancelTerms, LimitTerms
from orders.solana.programs import WRAPPED_SOL, SwapTerms, token_account
from orders.solana.signed_transaction import Refused, SignedTransaction, instruction_error
from orders.storage.wallets import Entry, read_balances

SOL = str(WRAPPED_SOL)
IN_USE = {"Custom": 0}
"""The system program's error for the creation of an account that exists."""
INSUFFICIENT_FUNDS = {"Custom": 1}
"""The error of the system program and the token program if there is too little."""
WRONG_MINT = {"Custom": 3}
NOT_EMPTY = {"Custom": 11}
WRONG_DECIMALS = {"Custom": 18}
NO_ORDER = {"Custom": 3012}
"""Anchor's error for an account that does not exist."""
WRONG_MAKER = {"Custom": 2001}
"""Anchor's error for an account that belongs to somebody else."""
SLIPPAGE_EXCEEDED = {"Custom": 6001}
"""The error of Jupiter's program if the swap pays less than its minimum."""


@dataclass
class Execution:
    """The balances that a transaction finds, and its changes to them.

    `entries` are the signer's payments, apart from the swap. `swept` are lamports that lay at the
    addresses of token accounts, and move to their owners. `changes` are those of what is in a
    wallet, of each mint: with the swap, and with what limit orders take and give back.
    """

    signer: str
    registry: TokenRegistry
    entries: list[Entry] = field(default_factory=list)
    swept: list[Entry] = field(default_factory=list)
    changes: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    opened: set[tuple[str, str]] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    placed: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    _available: dict[str, dict[str, int]] = field(default_factory=dict)
    _owners: dict[str, tuple[str, str]] = field(default_factory=dict)

    def available(self, owner: str, mint: str) -> int:
        """What the wallet could spend now."""
        if owner not in self._available:
            self._available[owner] = {
                balance.mint: balance.available for balance in read_balances(owner)
            }
        return self._available[owner].get(mint, 0)

    def spend(self, mint: str, amount: int) -> None:
        """Takes tokens from the signer. Raises `_Failed`."""
        left = self.available(self.signer, mint) - amount
        if left < 0:
            raise _Failed(INSUFFICIENT_FUNDS)
        self._available[self.signer][mint] = left
        self.changes[self.signer, mint] -= amount

    def move(self, to: str, mint: str, amount: int) -> None:
        """Moves tokens from the signer to another wallet. Raises `_Failed`."""
        self.spend(mint, amount)
        self.entries += _entries(self.signer, to, mint, amount)
        self._credit(to, mint, amount)

    def sweep(self, account: str, owner: str) -> None:
        """Gives the lamports that lie at a token account's address to its owner."""
        lost = self.available(account, SOL)
        self._available[account][SOL] = 0
        self.changes[account, SOL] -= lost
        # What this transaction sent there is not there yet.
        sent = sum(e.amount for e in self.entries if (e.wallet, e.mint) == (account, SOL))
        self.entries = [
            replace(e, wallet=owner) if (e.wallet, e.mint) == (account, SOL) else e
            for e in self.entries
        ]
        self.swept += _entries(account, owner, SOL, lost - sent)
        self._credit(owner, SOL, lost)

    def _credit(self, wallet: str, mint: str, amount: int) -> None:
        self._available.setdefault(wallet, {})[mint] = self.available(wallet, mint) + amount
        self.changes[wallet, mint] += amount

    def know(self, addresses: Iterable[str]) -> None:
        """Looks up which of the addresses are token accounts."""
        self._owners |= token_accounts.owners(addresses)

    def owner_of(self, account: Pubkey) -> tuple[str, str] | None:
        """Owner and mint of a token account, if this transaction can know them."""
        if account == token_account(Pubkey.from_string(self.signer), WRAPPED_SOL):
            return self.signer, SOL
        return self._owners.get(str(account))

    def exists(self, account: Pubkey) -> bool:
        """Whether there is such a token account."""
        return str(account) in self._owners

    def open(self, owner: str, mint: str) -> None:
        """Creates a token account."""
        address = token_account(Pubkey.from_string(owner), Pubkey.from_string(mint))
        self._owners[str(address)] = (owner, mint)
        self.opened.add((owner, mint))

    def close(self, account: str) -> None:
        """Closes a token account."""
        owned = self._owners.pop(account, None)
        if owned is not None:
            self.opened.discard(owned)
        self.closed.add(account)


def _entries(source: str, to: str, mint: str, amount: int) -> list[Entry]:
    if not amount or to == source:
        return []
    return [Entry(source, mint, -amount), Entry(to, mint, amount)]


class _Failed(Exception):
    """An instruction failed with its program's error."""

    def __init__(self, error: object) -> None:
        super().__init__(str(error))
        self.error = error


def execute(transaction: SignedTransaction, registry: TokenRegistry) -> Execution:
    """Runs the transaction on the present balances. Raises `Refused`, `StoreUnavailable`."""
    actions = transaction.actions
    _ = transaction.swap
    signer = str(transaction.signer)
    if not read_balances(signer):
        raise Refused("AccountNotFound")
    state = Execution(signer, registry)
    state.know(str(key) for key in transaction.message.account_keys)
    for index, action in enumerate(actions):
        try:
            _run(state, action)
        except _Failed as failure:
            raise Refused(instruction_error(index, failure.error)) from None
    return state


def _run(state: Execution, action: Action) -> None:
    match action:
        case SwapTerms():
            _swap(state, action)
        case LimitTerms():
            _must_sign(state, action.maker)
            _place(state, action)
        case CancelTerms():
            _must_sign(state, action.maker)
            _cancel(state, action)
        case SolTransfer():
            _send_sol(state, action)
        case TokenTransfer():
            _send_tokens(state, action)
        case CreateTokenAccount():
            _create(state, action)
        case CloseTokenAccount():
            _close(state, action)


def _place(state: Execution, terms: LimitTerms) -> None:
    address = str(terms.order)
    if address in state.placed or limit_order_book.find(address) is not None:
        raise _Failed(IN_USE)
    state.placed.add(address)
    state.spend(str(terms.mint_in), terms.making_amount)


def _cancel(state: Execution, terms: CancelTerms) -> None:
    address = str(terms.order)
    found = limit_order_book.find(address)
    if found is None or address in state.cancelled:
        raise _Failed(NO_ORDER)
    maker, order_id = found
    if maker != str(terms.maker):
        raise _Failed(WRONG_MAKER)
    held = limit_order_book.held_by(order_id)
    if held is None:
        raise _Failed(NO_ORDER)
    mint, amount = held
    state.cancelled.add(address)
    state.changes[maker, mint] += amount


def _swap(state: Execution, terms: SwapTerms) -> None:
    state.spend(str(terms.mint_in), terms.amount_in)
    for mint in (terms.mint_in, terms.mint_out):
        if mint != WRAPPED_SOL:
            state.opened.add((state.signer, str(mint)))


def _send_sol(state: Execution, sent: SolTransfer) -> None:
    _must_sign(state, sent.source)
    owned = state.owner_of(sent.destination)
    to = str(sent.destination) if owned is None else owned[0]
    state.move(to, SOL, sent.lamports)


def _send_tokens(state: Execution, sent: TokenTransfer) -> None:
    _must_sign(state, sent.owner)
    source, destination = state.owner_of(sent.source), state.owner_of(sent.destination)
    if source is None or destination is None:
        raise _Failed("InvalidAccountData")
    if source[0] != state.signer:
        raise _Failed({"Custom": 4})
    if source[1] != destination[1] or (sent.mint is not None and str(sent.mint) != source[1]):
        raise _Failed(WRONG_MINT)
    token = state.registry.find(source[1])
    if sent.decimals is not None and token is not None and sent.decimals != token.decimals:
        raise _Failed(WRONG_DECIMALS)
    state.move(destination[0], source[1], sent.amount)


def _create(state: Execution, created: CreateTokenAccount) -> None:
    if state.exists(created.account) and not created.idempotent:
        raise _Failed("IllegalOwner")
    owner = str(created.owner)
    state.open(owner, str(created.mint))
    state.sweep(str(created.account), owner)


def _close(state: Execution, closed: CloseTokenAccount) -> None:
    _must_sign(state, closed.owner)
    owned = state.owner_of(closed.account)
    if owned is None or owned[0] != state.signer:
        raise _Failed("InvalidAccountData")
    address = str(closed.account)
    if owned[1] == SOL:
        # What of the wallet's SOL would go elsewhere is nowhere written.
        if closed.destination != closed.owner:
            raise _Failed("InvalidArgument")
    elif any(each.amount for each in token_accounts.find([address]).values()):
        raise _Failed(NOT_EMPTY)
    state.sweep(address, state.signer)
    state.close(address)


def _must_sign(state: Execution, wallet: Pubkey) -> None:
    if str(wallet) != state.signer:
        raise _Failed("MissingRequiredSignature")
