"""Subscriptions to prices and candles: reading the requests, and their limits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from marshmallow import fields, validate

from orders.api.candle_series import DEFAULT_CANDLES, MAX_CANDLES
from orders.api.fields import OneOf, WholeNumber
from orders.api.market_schemas import INTERVALS_S, price_kind
from orders.api.requests import RequestSchema, load
from orders.api.swap_fields import amount, token
from orders.domain.errors import MalformedRequest, ValidationFailed, within
from orders.market.best_prices import PriceKind
from orders.market.tokens import Token
from orders.streams.candles import CANDLE_PREFIX, CandleTopic
from orders.streams.connection import Answer, Connection, TooManySubscriptions
from orders.streams.market_feed import MarketFeed
from orders.streams.prices import PRICE_PREFIX, PriceTopic
from orders.wiring import Components

MAX_PAIRS = 1_000
"""Pairs in one message at most; a setting limits how many a connection may follow."""


class PairRequest(RequestSchema):
    """A pair of tokens."""

    token_in = token(required=True)
    token_out = token(required=True)


class PriceRequest(PairRequest):
    """A pair, and the amount whose net price is wanted."""

    amount_in = amount()


class PricesRequest(RequestSchema):
    """Pairs to follow."""

    pairs = fields.List(
        fields.Nested(PriceRequest), required=True, validate=validate.Length(1, MAX_PAIRS)
    )


class ChartRequest(RequestSchema):
    """A chart: candles of one of a pair's prices."""

    pair = fields.Nested(PairRequest, required=True)
    interval = OneOf(tuple(INTERVALS_S), required=True)
    price_kind = price_kind()


class CandlesRequest(ChartRequest):
    """A chart to follow, and how many candles to begin with."""

    limit = WholeNumber(least=1, most=MAX_CANDLES, load_default=DEFAULT_CANDLES)


PRICES_REQUEST = PricesRequest()
CANDLES_REQUEST = CandlesRequest()
CHART_REQUEST = ChartRequest()


class MarketSubscriptions:
    """The events with which a connection follows the market.

    Every method raises `MalformedRequest` and `ValidationFailed`; those that subscribe also
    `TooManySubscriptions`, `StoreUnavailable`, and `Unauthenticated` where anonymous callers are
    refused.
    """

    def __init__(self, feed: MarketFeed, components: Components) -> None:
        self._feed = feed
        self._components = components
        self._most = components.settings.stream_markets

    def events(self) -> dict[str, Callable[[Connection, Any], Answer]]:
        """The events that it handles."""
        return {
            "subscribe_prices": self.subscribe_prices,
            "unsubscribe_prices": self.unsubscribe_prices,
            "subscribe_candles": self.subscribe_candles,
            "unsubscribe_candles": self.unsubscribe_candles,
        }

    def subscribe_prices(self, connection: Connection, request: Any) -> Answer:
        """`{pairs: [{tokenIn, tokenOut, amountIn?}]}` -> `{ok, prices}`; `price_update` follows."""
        connection.known_caller()
        topics = self._price_topics(request)
        self._check_room(connection, {topic.key for topic in topics})
        for topic in topics:
            self._feed.join(connection, topic)
        # All prices of one moment, and none older than an update that was already sent.
        return {"ok": True, "prices": [self._feed.latest(topic) for topic in topics]}

    def unsubscribe_prices(self, connection: Connection, request: Any) -> Answer:
        """The same `{pairs}`: ends the updates of these; without pairs, of all."""
        if request is None:
            self._leave_all(connection, PRICE_PREFIX)
        else:
            self._leave(connection, (topic.key for topic in self._price_topics(request)))
        return {"ok": True}

    def subscribe_candles(self, connection: Connection, request: Any) -> Answer:
        """`{pair, interval, priceKind?, limit?}` -> `{ok, candles}`; `candle_update` follows."""
        connection.known_caller()
        wanted = load(CANDLES_REQUEST, _as_object(request))
        topic = self._candle_topic(wanted)
        self._check_room(connection, {topic.key})
        earlier = topic.history(wanted["limit"])
        self._feed.join(connection, topic)
        latest = self._feed.latest(topic)["candles"]
        if latest:
            earlier = [candle for candle in earlier if candle["time"] < latest[0]["time"]]
        return {"ok": True, "candles": [*earlier, *latest][-wanted["limit"] :]}

    def unsubscribe_candles(self, connection: Connection, request: Any) -> Answer:
        """`{pair, interval, priceKind?}`: ends this chart; without a pair, all charts."""
        if request is None:
            self._leave_all(connection, CANDLE_PREFIX)
        else:
            wanted = load(CHART_REQUEST, _as_object(request))
            self._leave(connection, (self._candle_topic(wanted).key,))
        return {"ok": True}

    def close(self, connection: Connection) -> None:
        """Ends all subscriptions of the connection."""
        self._leave(connection, tuple(connection.topics))

    def _price_topics(self, request: Any) -> list[PriceTopic]:
        wanted = load(PRICES_REQUEST, _as_object(request))["pairs"]
        topics = []
        for number, each in enumerate(wanted):
            with within(f"pairs.{number}"):
                topics.append(self._price_topic(each))
        return topics

    def _price_topic(self, wanted: dict[str, Any]) -> PriceTopic:
        token_in, token_out = self._pair(wanted)
        amount_in = wanted.get("amount_in")
        if amount_in is not None:
            try:
                token_in.to_base(amount_in)
            except ValueError as error:
                raise ValidationFailed({"amountIn": [f"{error}."]}) from None
        return PriceTopic(self._components, token_in, token_out, amount_in)

    def _candle_topic(self, wanted: dict[str, Any]) -> CandleTopic:
        with within("pair"):
            pair = self._pair(wanted["pair"])
        kind = PriceKind(wanted["price_kind"])
        return CandleTopic(self._components, *pair, wanted["interval"], kind)

    def _pair(self, wanted: dict[str, Any]) -> tuple[Token, Token]:
        return self._components.registry.resolve_pair(wanted["token_in"], wanted["token_out"])

    def _check_room(self, connection: Connection, keys: set[str]) -> None:
        if len(connection.topics | keys) > self._most:
            raise TooManySubscriptions(
                f"A connection may follow {self._most} prices and charts; unsubscribe from some."
            )

    def _leave_all(self, connection: Connection, prefix: str) -> None:
        self._leave(connection, [key for key in connection.topics if key.startswith(prefix)])

    def _leave(self, connection: Connection, keys: Iterable[str]) -> None:
        for key in keys:
            self._feed.leave(connection, key)


def _as_object(request: Any) -> dict[str, Any]:
    if not isinstance(request, dict):
        raise MalformedRequest('Send an object, such as {"pairs": [...]}.')
    return request
