"""The tokens that can be traded: listed ones and launched ones."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow

import base58

from orders.domain.errors import SameToken, UnknownToken

_EXACT = Context(prec=60, traps=[Inexact, InvalidOperation, Overflow])
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Token:
    """An SPL token: its symbol, mint address and number of decimals."""

    symbol: str
    mint: str
    decimals: int
    name: str

    def to_base(self, amount: Decimal) -> int:
        """`amount` in base units (lamports for SOL), exactly.

        Raises ValueError if `amount` is not finite or has more decimals than the token.
        """
        try:
            return int(_EXACT.quantize(_EXACT.scaleb(amount, self.decimals), _ONE))
        except (ArithmeticError, ValueError):
            raise ValueError(f"{self.symbol} has at most {self.decimals} decimals") from None

    def from_base(self, units: int) -> Decimal:
        """`units` of the smallest unit as an amount: exact, without trailing zeros or a positive
        exponent.

        Python prints amounts below 0.000001 with an exponent; format them with `:f`.
        """
        amount = _EXACT.normalize(_EXACT.scaleb(Decimal(units), -self.decimals))
        return _EXACT.quantize(amount, _ONE) if amount == amount.to_integral_value() else amount


@dataclass(frozen=True, slots=True)
class Launch:
    """A token whose pool opens at `live_at` with this price and this liquidity, both in USD."""

    token: Token
    price_usd: Decimal
    liquidity_usd: Decimal
    live_at: datetime


SOL = Token("SOL", "So11111111111111111111111111111111111111112", 9, "Solana")
USDC = Token("USDC", "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v", 6, "USD Coin")
USDT = Token("USDT", "Es9vMFrzaCERmJfrF4H2FYD4KCoNkY11McCe8BenwNYB", 6, "Tether USD")
RAY = Token("RAY", "4k3Dyjzvzp8eMZWUXbBCjEvwSkkk59S5iCNLY3QrkX6R", 6, "Raydium")
MET = Token("MET", "METvsvVRapdj9cFLzq4Tr43xK4tAjQfwX76z3n6mWQL", 6, "Meteora")
JUP = Token("JUP", "JUPyiwrYJFskUPiHa7hkeR8VUtAeFoSYbKedZNsDvCN", 6, "Jupiter")
BONK = Token("BONK", "DezXAZ8z7PnrnRJjz3wXBoRgixCa6xjnB7YaB1pPB263", 5, "Bonk")
PYTH = Token("PYTH", "HZ1JovNiVvGrGNiiYvEozEVgZ58xaU3RKwX8eACQBCt3", 6, "Pyth Network")
MSOL = Token("mSOL", "mSoLzYCxHdYgdzU16g5QSh3i5K3z3KZK7ytfqcJm7So", 9, "Marinade Staked SOL")
JITOSOL = Token("jitoSOL", "J1toso1uCk3RLmjorhTtrVwY9HJ7X8V9yYac6Y7kGCPn", 9, "Jito Staked SOL")
JTO = Token("JTO", "jtojtomepa8beP8AuQc6eXt5FriJwfFMwQx2v2f9mCL", 9, "Jito")
WIF = Token("WIF", "EKpQGSJtjMFqKZ9KQanSqYXRcF8fBopzLHYxdM65zcjm", 6, "dogwifhat")
ETH = Token("ETH", "7vfCXTUXx5WJV5JADk17DUJ4ksgau7utNKj4b963voxs", 8, "Ether (Wormhole)")
BTC = Token("BTC", "3NZ9JMVBmGAqocybic2c7LQCJScmgsAZ6vQqTDzcqmJh", 8, "Bitcoin (Wormhole)")
CBBTC = Token("cbBTC", "cbbtcf3aa214zXHbiAZQwf4122FBYbraNdFqgw4iMij", 8, "Coinbase Wrapped BTC")
JLP = Token("JLP", "27G8MtK7VtTcCHkpASjSDdkWWYfoqT6ggEuKidVJidD4", 6, "Jupiter Perps LP")
PYUSD = Token("PYUSD", "2b1kV6DkPAnxd5ixfnxCpjxmKwqjjaYmCZfHsFu24GXo", 6, "PayPal USD")
JUPSOL = Token("jupSOL", "jupSoLaHXQiZZTSfEWMTRRgpnyFm8f6sZdosWBjx93v", 9, "Jupiter Staked SOL")
TRUMP = Token("TRUMP", "6p6xgHyF7AeE6TZkSmFsko444wqoP15icUSqi2jfGiPN", 6, "OFFICIAL TRUMP")
PUMP = Token("PUMP", "pumpCmXqMfrsAkQ5r49WcJnRayYRqmXz6ae8H7H9Dfn", 6, "Pump")
PENGU = Token("PENGU", "2zMMhcVQEXDtdE6vsFS7S7D5oUodfJHE8vd1gnBouauv", 6, "Pudgy Penguins")
FARTCOIN = Token("FARTCOIN", "9BB6NFEcjBCtnNLFko2FqVQBq8HHM13kCyYcdQbgpump", 6, "Fartcoin")
POPCAT = Token("POPCAT", "7GCihgDB8fe6KNjn2MYtkzZcRjQy3t9GHdC8uHYmW2hr", 9, "Popcat")
MEW = Token("MEW", "MEW1gQWJ3nEXg2qgERiKu7FAFj79PHvQVREQUzScPP5", 5, "cat in a dogs world")
RENDER = Token("RENDER", "rndrizKT3MK1iimdxRdWabcF7Zg7AR5T4nud4EkHBof", 8, "Render Token")
HNT = Token("HNT", "hntyVP6YFm1Hg25TN9WGLqM12b8TQmcknKrdu1oxWux", 8, "Helium Network Token")
W = Token("W", "85VBFQZC9TZkfaptBWjvUw7YbZjy52A6mjtPGjstQAmQ", 6, "Wormhole Token")
ORCA = Token("ORCA", "orcaEKTdK7LKz57vaAYr9QeNsVEPfiu6QeMU1kektZE", 6, "Orca")
KMNO = Token("KMNO", "KMNo3nJsBXfcpJTVhZcXLW7RmTwTt4GVFE7suUBo9sS", 6, "Kamino")
DRIFT = Token("DRIFT", "DriFtupJYLTosbwoN8koMbEYSx54aFAVLddWsbksjwg7", 6, "Drift")

TOKENS: tuple[Token, ...] = (
    SOL, USDC, USDT, RAY, MET, JUP, BONK, PYTH, MSOL, JITOSOL, JTO, WIF,
    ETH, BTC, CBBTC, JLP, PYUSD, JUPSOL, TRUMP, PUMP, PENGU, FARTCOIN,
    POPCAT, MEW, RENDER, HNT, W, ORCA, KMNO, DRIFT,
)  # fmt: skip
LISTED: dict[str, Token] = {token.mint: token for token in TOKENS}
_SYMBOLS: dict[str, Token] = {token.symbol.upper(): token for token in TOKENS}


class _Index:
    """Launches by mint and by symbol; of several, the first."""

    def __init__(self, launches: Iterable[Launch]) -> None:
        self.launches = launches
        self.by_mint: dict[str, Launch] = {}
        self.by_symbol: dict[str, Launch] = {}
        for launch in launches:
            self.by_mint.setdefault(launch.token.mint, launch)
            self.by_symbol.setdefault(launch.token.symbol.upper(), launch)


class TokenRegistry:
    """Finds tokens by symbol or mint, among the listed ones and the launches.

    `launches` is called for each token that is not listed, so it must be cheap: it returns the same
    collection until there is another launch. `newest_launches` may take the time to read the latest
    ones.
    """

    def __init__(
        self,
        launches: Callable[[], Iterable[Launch]] = tuple,
        newest_launches: Callable[[], Iterable[Launch]] | None = None,
    ) -> None:
        self._launches = launches
        self._newest_launches = newest_launches or launches
        self._last_index = _Index(())

    def find(self, symbol_or_mint: str) -> Token | None:
        """The token of this symbol (in any case) or mint (exact), launched yet or not."""
        if not symbol_or_mint.isascii():
            return None
        symbol = symbol_or_mint.upper()
        listed = LISTED.get(symbol_or_mint) or _SYMBOLS.get(symbol)
        return listed or self._find_launched(symbol_or_mint, symbol)

    def find_newest(self, symbol_or_mint: str) -> Token | None:
        """As `find`, but looks up unknown tokens among the newest launches: the caller may have
        heard of a launch before this process.
        """
        known = self.find(symbol_or_mint)
        if known is None and symbol_or_mint.isascii():
            self._newest_launches()
            known = self.find(symbol_or_mint)
        return known

    def resolve(self, symbol_or_mint: str, name: str, *, before_launch: bool = False) -> Token:
        """The token that the field `name` of a request names.

        With `before_launch` also a token that is not launched yet, by its mint address. Raises
        `UnknownToken`.
        """
        token = self.find_newest(symbol_or_mint)
        if token is None and before_launch and is_mint_address(symbol_or_mint):
            token = Token(symbol_or_mint, symbol_or_mint, 0, "not launched yet")
        if token is None:
            raise UnknownToken({name: [f"{symbol_or_mint} is not listed; see /api/tokens."]})
        return token

    def resolve_pair(
        self, token_in: str, token_out: str, *, before_launch: bool = False
    ) -> tuple[Token, Token]:
        """The two tokens of a swap; `before_launch` applies to the one bought.

        Raises `UnknownToken`, `SameToken`.
        """
        spent = self.resolve(token_in, "tokenIn")
        bought = self.resolve(token_out, "tokenOut", before_launch=before_launch)
        if spent.mint == bought.mint:
            raise SameToken({"tokenOut": ["Must differ from tokenIn."]})
        return spent, bought

    def _find_launched(self, mint: str, symbol: str) -> Token | None:
        index = self._index()
        launch = index.by_mint.get(mint) or index.by_symbol.get(symbol)
        return launch.token if launch else None

    def launch_of(self, mint: str) -> Launch | None:
        """The launch of this mint; None for a listed or unknown token."""
        return None if mint in LISTED else self._index().by_mint.get(mint)

    def all(self) -> list[Token]:
        """All tokens: the listed ones, then the launched ones, each mint once."""
        return [*TOKENS, *(launch.token for launch in self.launches())]

    def launches(self) -> list[Launch]:
        """The launches of all tokens that are not listed, each mint once."""
        launches = self._index().by_mint.values()
        return [launch for launch in launches if launch.token.mint not in LISTED]

    def _index(self) -> _Index:
        launches = self._launches()
        index = self._last_index
        if index.launches is not launches:
            index = self._last_index = _Index(launches)
        return index


def is_mint_address(text: str) -> bool:
    """Whether `text` is a Solana address: 32 bytes in base58."""
    if not (32 <= len(text) <= 44 and text.isalnum()):
        return False
    try:
        return len(base58.b58decode(text)) == 32
    except ValueError:
        return False
