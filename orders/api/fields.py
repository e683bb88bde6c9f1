"""Fields of requests: what each accepts, its error message, and its documentation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from marshmallow import ValidationError, fields, validate

from orders.domain import exact_json
from orders.domain.identifiers import parse_uuid

MAX_DIGITS = 28
"""Significant digits of a number; Decimal's own arithmetic keeps as many."""
MAX_DECIMALS = 18
TOO_MANY_DIGITS = f"Must have at most {MAX_DIGITS} digits, {MAX_DECIMALS} of them decimals."

EXPONENT = r"([eE][+-]?[0-9]{1,2})?"
NUMBER_PATTERN = rf"^[0-9]{{1,40}}(\.[0-9]{{1,40}})?{EXPONENT}$"
ABOVE_ZERO_PATTERN = (
    r"^([0-9]{0,20}[1-9][0-9]{0,19}(\.[0-9]{1,40})?|[0-9]{1,40}\.[0-9]{0,20}[1-9][0-9]{0,19})"
    rf"{EXPONENT}$"
)
_DECIMAL = re.compile(rf"-?[0-9]{{1,40}}(\.[0-9]{{1,40}})?{EXPONENT}", re.ASCII)
_TOO_LONG = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,9})?", re.ASCII)
"""Matches decimals that have too many digits for `_DECIMAL`, too."""
_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class ExactDecimal(fields.Field[Decimal]):
    """A decimal kept digit for digit, from a JSON number or from a string."""

    def __init__(
        self, *, least: Decimal, most: Decimal, above: bool = False, **kwargs: Any
    ) -> None:
        metadata = kwargs.pop("metadata", {})
        bounds = {"exclusiveMinimum" if above else "minimum": int(least), "maximum": int(most)}
        number = {"type": "number", **bounds}
        pattern = ABOVE_ZERO_PATTERN if above else NUMBER_PATTERN
        if least < 0:
            pattern = pattern.replace("^", "^-?", 1)
        text = {"type": "string", "pattern": pattern}
        super().__init__(metadata={"anyOf": [number, text], **metadata}, **kwargs)
        self._least, self._most, self._above = least, most, above

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Decimal:
        number = _to_decimal(value)
        if number is None and isinstance(value, str) and _TOO_LONG.fullmatch(value):
            raise ValidationError(TOO_MANY_DIGITS)
        if number is None or not number.is_finite():
            raise ValidationError('Give a number or a decimal string, such as 1.5 or "1.5".')
        self._check_bounds(number)
        digits, exponent = number.as_tuple().digits, number.as_tuple().exponent
        if len(digits) > MAX_DIGITS or -int(exponent) > MAX_DECIMALS:
            raise ValidationError(TOO_MANY_DIGITS)
        return number

    def _check_bounds(self, number: Decimal) -> None:
        if number < self._least or (self._above and number == self._least):
            word = "greater than" if self._above else "at least"
            raise ValidationError(f"Must be {word} {exact_json.plain(self._least)}.")
        if number.is_signed() and self._least >= 0:
            raise ValidationError("Must not be negative.")
        if number > self._most:
            raise ValidationError(f"Must be at most {exact_json.plain(self._most)}.")


def _to_decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    return None


class WholeNumber(fields.Field[int]):
    """An integer in a range; `text` takes it from a query string."""

    def __init__(self, *, least: int, most: int, text: bool = False, **kwargs: Any) -> None:
        metadata = {"type": "integer", "minimum": least, "maximum": most}
        super().__init__(metadata={**metadata, **kwargs.pop("metadata", {})}, **kwargs)
        self._least, self._most, self._text = least, most, text

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        number = self._parse(value)
        if number is None or not self._least <= number <= self._most:
            raise ValidationError(f"Must be a whole number from {self._least} to {self._most}.")
        return number

    def _parse(self, value: Any) -> int | None:
        if self._text:
            return int(value) if re.fullmatch(r"\d{1,19}", value, re.ASCII) else None
        if isinstance(value, Decimal) and value.adjusted() < 19 and value == int(value):
            return int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) else None


class Flag(fields.Boolean):
    """true or false, and no other value that might be taken for one of them."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Must be true or false.")
        return value


class Text(fields.String):
    """Text without control characters and without leading or trailing blanks."""

    def __init__(self, *, least: int = 1, most: int, **kwargs: Any) -> None:
        super().__init__(validate=validate.Length(least, most), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if _CONTROL.search(text):
            raise ValidationError("Must not hold control characters.")
        if text != text.strip():
            raise ValidationError("Must not be blank, begin or end with a blank.")
        return text


class ClientOrderIdText(fields.String):
    """A client's own id of an order, made of characters that need no escaping in a path."""

    PATTERN = "[A-Za-z0-9][A-Za-z0-9._:-]{0,63}"

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"pattern": f"^{self.PATTERN}$", "minLength": 1, "maxLength": 64}
        super().__init__(metadata={**metadata, **kwargs.pop("metadata", {})}, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch(self.PATTERN, text):
            raise ValidationError(
                "Must have 1 to 64 letters, digits, dots, colons, hyphens or underscores, "
                "a letter or digit first."
            )
        return text


class OneOf(fields.String):
    """One of a few words."""

    def __init__(self, choices: Sequence[str], **kwargs: Any) -> None:
        super().__init__(validate=validate.OneOf(choices), **kwargs)


class Moment(fields.Field[datetime]):
    """A time in ISO 8601 with an offset, to the millisecond."""

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"type": "string", "format": "date-time"}
        super().__init__(metadata={**metadata, **kwargs.pop("metadata", {})}, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        # Python reads at most six digits of a second.
        text = re.sub(r"(\.\d{6})\d+", r"\1", value) if isinstance(value, str) else ""
        if not _TIME.fullmatch(text):
            raise ValidationError("Give a time such as 2030-01-31T12:00:00Z.")
        try:
            moment = datetime.fromisoformat(text.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValidationError("There is no such time.") from None
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class UuidText(fields.Field[UUID]):
    """A UUID in its usual form with hyphens."""

    def __init__(self, **kwargs: Any) -> None:
        metadata = {"type": "string", "format": "uuid"}
        super().__init__(metadata={**metadata, **kwargs.pop("metadata", {})}, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> UUID:
        parsed = parse_uuid(value) if isinstance(value, str) else None
        if parsed is None:
            raise ValidationError("Give a UUID.")
        return parsed
