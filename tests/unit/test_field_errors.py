"""Errors of requests, each under the path of its field."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from marshmallow import fields

from orders.api.account_schemas import ResetRequest
from orders.api.field_errors import MAX_ERRORS, MAX_NAME
from orders.api.order_requests import ListQuery
from orders.api.requests import RequestSchema, load
from orders.domain.errors import ValidationFailed


class Leg(RequestSchema):
    """One of several."""

    limit_price = fields.Integer()


class Legs(RequestSchema):
    """Several, and one."""

    legs = fields.List(fields.Nested(Leg))
    best = fields.Nested(Leg)
    many = fields.Nested(Leg, many=True)
    words = fields.List(fields.String())


def errors(values: dict[str, Any], schema: RequestSchema | None = None) -> dict[str, list[str]]:
    with pytest.raises(ValidationFailed) as refused:
        load(schema or Legs(), values)
    return refused.value.errors


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"legs": [{}, {"limitPrice": "x"}]}, "legs.1.limitPrice"),
        ({"many": [{}, {"limitPrice": "x"}]}, "many.1.limitPrice"),
        ({"best": {"limitPrice": "x"}}, "best.limitPrice"),
        ({"best": 3}, "best"),
        ({"legs": 3}, "legs"),
        ({"legs": [{}, 3]}, "legs.1"),
        ({"words": ["a", "b", 3]}, "words.2"),
        ({"_schema": 3}, "_schema"),
        ({"": 3}, ""),
    ],
)
def test_wrong_value_is_named_by_its_path(values: dict[str, Any], path: str) -> None:
    assert list(errors(values)) == [path]


@pytest.mark.parametrize("values", [{"legs": [{"limitPrise": 1}]}, {"many": [{"limitPrise": 1}]}])
def test_hint_names_a_field_of_the_same_object(values: dict[str, Any]) -> None:
    (messages,) = errors(values).values()
    assert messages == ["Unknown field; did you mean limitPrice?"]


def test_hint_does_not_name_the_object_that_is_around() -> None:
    assert errors({"best": {"best": 1}}) == {"best.best": ["Unknown field."]}


def test_distant_names_are_no_hint() -> None:
    assert errors({"sort": "asc"}, ListQuery()) == {"sort": ["Unknown field."]}
    (message,) = errors({"statsu": "open"}, ListQuery())["statsu"]
    assert message == "Unknown field; did you mean status?"


def test_entries_of_an_object_are_named_by_their_key() -> None:
    wrong = {"SOL": Decimal(-1), "USDC": Decimal(1), "x" * 45: Decimal(1)}
    assert set(errors({"balances": wrong}, ResetRequest())) == {
        "balances.SOL",
        f"balances.{'x' * 45}",
    }


def test_errors_are_bounded() -> None:
    legs = [{"n" * 200: 1} for _ in range(100)]
    found = errors({"legs": legs})
    assert len(found) == MAX_ERRORS
    assert {len(path.rsplit(".", 1)[1]) for path in found} == {MAX_NAME}
