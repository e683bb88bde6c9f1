"""A signed swap, stored before it is sent so that the very same one can be sent again."""

from dataclasses import dataclass
from hashlib import shake_256
from typing import Any, Self
from uuid import UUID

from base58 import BITCOIN_ALPHABET

_DIGITS = 87
# 87 base58 digits, the first of them 2 or more, are always a 64-byte number: 2 * 58**86 > 2**504
# and 58**87 < 2**512.
_DIGIT = bytes(BITCOIN_ALPHABET[byte % 58] for byte in range(256))
_FIRST_DIGIT = bytes(BITCOIN_ALPHABET[2 + byte % 56] for byte in range(256))


@dataclass(frozen=True, slots=True)
class Transaction:
    """A swap ready to be sent; amounts in base units.

    The chain accepts it up to `last_valid_block_height`, and each signature only once. If a wallet
    signed it, `signer` is that wallet and `wire` the signed bytes in base64.
    """

    signature: str
    dex: str
    token_in_mint: str
    token_out_mint: str
    amount_in: int
    quoted_amount_out: int
    min_amount_out: int
    last_valid_block_height: int
    blockhash: str
    order_id: UUID
    attempt: int
    signer: str | None = None
    wire: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The transaction as JSON to store; amounts as strings, because many parsers lose large
        integers.
        """
        return {
            "signature": self.signature,
            "dex": self.dex,
            "token_in_mint": self.token_in_mint,
            "token_out_mint": self.token_out_mint,
            "amount_in": str(self.amount_in),
            "quoted_amount_out": str(self.quoted_amount_out),
            "min_amount_out": str(self.min_amount_out),
            "last_valid_block_height": self.last_valid_block_height,
            "blockhash": self.blockhash,
            "order_id": str(self.order_id),
            "attempt": self.attempt,
            "signer": self.signer,
            "wire": self.wire,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        """Reads what `to_json` stored. Raises KeyError or ValueError if it is damaged."""
        return cls(
            signature=stored["signature"],
            dex=stored["dex"],
            token_in_mint=stored["token_in_mint"],
            token_out_mint=stored["token_out_mint"],
            amount_in=int(stored["amount_in"]),
            quoted_amount_out=int(stored["quoted_amount_out"]),
            min_amount_out=int(stored["min_amount_out"]),
            last_valid_block_height=int(stored["last_valid_block_height"]),
            blockhash=stored["blockhash"],
            order_id=UUID(stored["order_id"]),
            attempt=int(stored["attempt"]),
            signer=stored.get("signer"),
            wire=stored.get("wire"),
        )


def signature_for(order_id: UUID, attempt: int) -> str:
    """The signature of an order's attempt: 64 bytes in base58, in the form of Solana's (Ed25519).

    Its digits are drawn directly, which costs a tenth of drawing bytes and converting them.
    """
    drawn = shake_256(order_id.bytes + attempt.to_bytes(4)).digest(_DIGITS)
    return (drawn[:1].translate(_FIRST_DIGIT) + drawn[1:].translate(_DIGIT)).decode()
