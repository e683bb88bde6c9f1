"""A simulated venue: constant-product pools around the market's price."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Context, Decimal

from orders.domain.clock import Clock
from orders.market.deviation import spot_price
from orders.market.errors import InsufficientLiquidity, NoQuote, RpcUnavailable, VenueTimeout
from orders.market.faults import Faults
from orders.market.pool import Pool, open_pool
from orders.market.prices import Market
from orders.market.scenarios.conditions import Conditions, QuoteFault
from orders.market.tokens import Token
from orders.market.venue import PoolState, Quote, SwapInstruction

STALE_BY = timedelta(minutes=1)
_RESERVE = Context(prec=40)


class SimulatedVenue:
    """A venue of the simulated market.

    `side` says where it stands: +1 or -1 on a side of the reference price, 0 on the price itself.
    """

    def __init__(
        self,
        name: str,
        side: int,
        market: Market,
        clock: Clock,
        *,
        fee_bps: int,
        liquidity_usd: Decimal,
        latency_s: float,
        timeout_s: float = 2,
        faults: Faults | None = None,
    ) -> None:
        self.name = name
        self._side = side
        self._fee_bps = fee_bps
        self._liquidity_usd = liquidity_usd
        self._market = market
        self._clock = clock
        self._latency_s = latency_s
        self._timeout_s = timeout_s
        self._faults = faults or Faults()

    def quote(
        self,
        token_in: Token,
        token_out: Token,
        amount_in: int,
        conditions: Conditions | None = None,
    ) -> Quote:
        """The quote for `amount_in` base units now, after the venue's latency.

        With `conditions` it is what they say, and nothing by chance. Raises DexError, or ValueError
        if `amount_in` is not positive or there is nothing to swap.
        """
        self._clock.sleep(self._latency_s)
        if conditions is not None:
            self._obey(conditions)
            return self.quote_at(token_in, token_out, amount_in, self._clock.now())
        now = self._clock.now()
        self._fail_on_request(now)
        return self._distort(self.quote_at(token_in, token_out, amount_in, now))

    def quote_at(self, token_in: Token, token_out: Token, amount_in: int, at: datetime) -> Quote:
        """The quote at `at`, without latency or faults.

        Raises PoolNotFound, InsufficientLiquidity or ValueError.
        """
        if amount_in <= 0 or token_in.mint == token_out.mint:
            raise ValueError("a swap takes a positive amount of one token for another")
        price = spot_price(self._market, self._side, token_in, token_out, at)
        swap = self._pool(token_in, token_out, price, at).swap(amount_in)
        return Quote(
            dex=self.name,
            token_in=token_in,
            token_out=token_out,
            amount_in=amount_in,
            amount_out=swap.amount_out,
            price=price,
            fee_bps=self._fee_bps,
            price_impact=swap.price_impact,
            quoted_at=at,
        )

    def pool_at(self, token_in: Token, token_out: Token, at: datetime) -> PoolState:
        """The pair's pool at `at`. Raises PoolNotFound."""
        spot = spot_price(self._market, self._side, token_in, token_out, at)
        return PoolState(spot, self._fee_bps, self._liquidity(token_in, token_out, at))

    def build(self, quote: Quote, min_amount_out: int) -> SwapInstruction:
        """The instruction of a swap at `quote`.

        Raises ValueError for another venue's quote or a negative minimum.
        """
        if quote.dex != self.name or min_amount_out < 0:
            raise ValueError(f"{self.name} cannot build a swap of at least {min_amount_out}")
        return SwapInstruction(
            dex=self.name,
            token_in_mint=quote.token_in.mint,
            token_out_mint=quote.token_out.mint,
            amount_in=quote.amount_in,
            quoted_amount_out=quote.amount_out,
            min_amount_out=min_amount_out,
        )

    def _liquidity(self, token_in: Token, token_out: Token, at: datetime) -> Decimal:
        return self._market.liquidity_usd(token_in, token_out, self._liquidity_usd, at)

    def _pool(self, token_in: Token, token_out: Token, price: Decimal, at: datetime) -> Pool:
        liquidity = self._liquidity(token_in, token_out, at)
        per_side = _RESERVE.divide(liquidity, 2 * self._market.price_usd(token_in, at))
        return open_pool(token_in, token_out, price, per_side, self._fee_bps)

    def _obey(self, conditions: Conditions) -> None:
        match conditions.of_venue(self.name):
            case QuoteFault.NO_ROUTE:
                raise NoQuote(f"{self.name.capitalize()} has no route for this pair.")
            case QuoteFault.INSUFFICIENT_LIQUIDITY:
                raise InsufficientLiquidity()
            case QuoteFault.DOWN:
                raise self._unreachable()
            case QuoteFault.TIMEOUT:
                self._clock.sleep(self._timeout_s)
                raise VenueTimeout()

    def _unreachable(self) -> RpcUnavailable:
        return RpcUnavailable(f"{self.name.capitalize()} could not be reached; try again.")

    def _fail_on_request(self, now: datetime) -> None:
        if not self._faults.rates:
            return
        if self._strikes("timeout", now):
            raise VenueTimeout()
        if self._strikes("down", now):
            raise self._unreachable()
        if self._strikes("insufficient_liquidity", now):
            raise InsufficientLiquidity()

    def _distort(self, quote: Quote) -> Quote:
        if not self._faults.rates:
            return quote
        if self._strikes("nan", quote.quoted_at):
            return replace(quote, price=Decimal("NaN"))
        if self._strikes("zero", quote.quoted_at):
            return replace(quote, amount_out=0)
        if self._strikes("negative", quote.quoted_at):
            return replace(quote, amount_out=-quote.amount_out)
        if self._strikes("stale", quote.quoted_at):
            return replace(quote, quoted_at=quote.quoted_at - STALE_BY)
        return quote

    def _strikes(self, kind: str, now: datetime) -> bool:
        return self._faults.strikes(self.name, kind, self._market.seed, now)
