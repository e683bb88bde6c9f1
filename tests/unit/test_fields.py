"""Fields of requests: what their documentation allows and what they say."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from marshmallow import ValidationError

from orders.api.fields import TOO_MANY_DIGITS, ExactDecimal
from orders.domain import exact_json

MOVE = ExactDecimal(least=Decimal(-99), most=Decimal(1000))
PRICE = ExactDecimal(least=Decimal(0), most=Decimal(1000))
AMOUNT = ExactDecimal(least=Decimal(0), most=Decimal(1000), above=True)


def documented(field: ExactDecimal, text: str) -> bool:
    """Whether the documented pattern of the field's texts allows this one."""
    _, as_text = field.metadata["anyOf"]
    return re.search(as_text["pattern"], text) is not None


def accepted(field: ExactDecimal, value: Any) -> bool:
    try:
        field.deserialize(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("field", [MOVE, PRICE, AMOUNT])
@pytest.mark.parametrize(
    "text", ["-10", "-0.5", "0", "10", "1.5e2", "+1", "--1", "1.", ".5", "ten"]
)
def test_documentation_allows_just_what_is_accepted(field: ExactDecimal, text: str) -> None:
    assert documented(field, text) == accepted(field, text)


@pytest.mark.parametrize(
    "value", ["1" * 41, "0." + "1" * 41, "1" * 29, Decimal("1" * 41), "1e-500"]
)
def test_too_many_digits_are_told_as_such(value: Any) -> None:
    wide = ExactDecimal(least=Decimal(0), most=Decimal(10) ** 60)
    with pytest.raises(ValidationError) as refused:
        wide.deserialize(value)
    assert refused.value.messages == [TOO_MANY_DIGITS]


@pytest.mark.parametrize("text", ["-0.00", "-0", "-0E+2"])
def test_zero_has_no_sign_in_answers(text: str) -> None:
    assert "-" not in exact_json.dumps({"change": Decimal(text)})
    assert exact_json.loads(exact_json.dumps(Decimal(text))) == 0


def test_other_decimals_keep_every_digit() -> None:
    for text in ("-0.10", "1.50", "0.00", "-1"):
        assert exact_json.dumps(Decimal(text)) == text
