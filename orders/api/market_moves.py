"""Moving the simulated market, so that a stop or a limit triggers on demand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import ValidationError, fields, validates_schema

from orders.api.answers import Answer, identifier, moment, nested, number, text, whole
from orders.api.authentication import require_operator
from orders.api.context import components
from orders.api.endpoints import BEARER_OR_NONE, endpoint
from orders.api.fields import ExactDecimal, Flag, WholeNumber
from orders.api.requests import RequestSchema, answer, read_body
from orders.api.swap_fields import token
from orders.domain.clock import Clock
from orders.domain.identifiers import parse_uuid
from orders.market.moves import Move
from orders.market.tokens import TokenRegistry

market_moves = Blueprint(
    "market_moves", __name__, url_prefix="/api/market/moves", description="Moving the market."
)

LONGEST_WAY_S = 3_600
LONGEST_HOLD_S = 86_400
STATES = ["coming", "moving", "holding", "gliding", "over"]
PROBLEMS = ("operator_required", "unauthenticated", "store_unavailable")


class MoveRequest(RequestSchema):
    """Where a token's price is to go, on top of its own course."""

    token = token(required=True)
    change_percent = ExactDecimal(
        least=Decimal(-99),
        most=Decimal(1_000),
        metadata={"description": "How far, in percent; required unless it only freezes."},
    )
    over_seconds = WholeNumber(
        least=0,
        most=LONGEST_WAY_S,
        load_default=0,
        metadata={"description": "How long it takes to get there, and later back."},
    )
    hold_seconds = WholeNumber(
        least=0,
        most=LONGEST_HOLD_S,
        metadata={"description": "How long it stays there; default: until it is ended."},
    )
    freeze = Flag(
        load_default=False,
        metadata={"description": "Whether the price's own course stands still meanwhile."},
    )

    @validates_schema
    def check_effect(self, data: dict[str, Any], **_: Any) -> None:
        """Refuses a move that would do nothing."""
        if "change_percent" not in data and not data["freeze"]:
            raise ValidationError({"changePercent": ["Give it, or freeze the price."]})


class MoveAnswer(Answer):
    """One move of the market."""

    id = identifier()
    token = text("The symbol.")
    mint = text()
    change_percent = number("Of the price it would have by itself.")
    over_seconds = whole()
    hold_seconds = whole("Null: until it is ended.", nullable=True)
    freeze = fields.Boolean(required=True)
    state = text(enum=STATES)
    starts_at = moment()
    ends_at = moment("When it begins to glide back; null: not by itself.", nullable=True)

    def __init__(
        self, registry: TokenRegistry | None = None, clock: Clock | None = None, **options: Any
    ) -> None:
        super().__init__(**options)
        self._registry, self._clock = registry, clock

    def show_token(self, move: Move) -> str:
        """The symbol."""
        found = self._registry.find(move.mint) if self._registry else None
        return found.symbol if found else move.mint

    def show_change_percent(self, move: Move) -> Decimal:
        """The change in percent."""
        return move.change.scaleb(2)

    def show_over_seconds(self, move: Move) -> int:
        """Whole seconds of the way."""
        return int(move.over.total_seconds())

    def show_hold_seconds(self, move: Move) -> int | None:
        """Whole seconds of the stay."""
        return None if move.hold is None else int(move.hold.total_seconds())

    def show_state(self, move: Move) -> str:
        """The state at this moment."""
        assert self._clock is not None
        return move.state(self._clock.now())

    def show_ends_at(self, move: Move) -> Any:
        """When the price begins to glide back."""
        return move.releases_at


class MovesAnswer(Answer):
    """The moves that are not over, newest first."""

    moves = nested(MoveAnswer, many=True)


MOVE_REQUEST = MoveRequest()


@endpoint(market_moves, "GET", "", {200: MovesAnswer}, problems=("store_unavailable",))
def list_all() -> Response:
    """List the moves of the market that are not over."""
    return _present_all(components().moves.not_over())


@endpoint(
    market_moves,
    "POST",
    "",
    {201: MoveAnswer},
    body=MoveRequest,
    problems=(*PROBLEMS, "unknown_token", "too_many_moves", "rate_limited"),
    security=BEARER_OR_NONE,
    example={"token": "SOL", "changePercent": -5, "overSeconds": 10, "holdSeconds": 60},
)
def start() -> Response:
    """Move a token's price in a straight line; quotes, candles and triggers follow."""
    require_operator()
    wanted = read_body(MOVE_REQUEST)
    move = components().moves.start(
        components().registry.resolve(wanted["token"], "token").mint,
        wanted.get("change_percent", Decimal(0)),
        wanted["over_seconds"],
        wanted.get("hold_seconds"),
        wanted["freeze"],
    )
    return answer(_schema().dump(move), 201)


@endpoint(
    market_moves,
    "DELETE",
    "",
    {200: MovesAnswer},
    problems=PROBLEMS,
    security=BEARER_OR_NONE,
)
def end_all() -> Response:
    """End every move: the prices glide back to their own course."""
    require_operator()
    return _present_all(components().moves.end_all())


@endpoint(
    market_moves,
    "DELETE",
    "/<move_id>",
    {200: MoveAnswer},
    problems=(*PROBLEMS, "move_not_found"),
    security=BEARER_OR_NONE,
)
def end(move_id: str) -> Response:
    """End one move: the price glides back to its own course."""
    require_operator()
    return answer(_schema().dump(components().moves.end(parse_uuid(move_id))))


def _present_all(moves: list[Move]) -> Response:
    return answer({"moves": _schema().dump(moves, many=True)})


def _schema() -> MoveAnswer:
    return MoveAnswer(components().registry, components().clock)
