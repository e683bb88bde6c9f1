"""How a request asks for amounts as strings: `Accept: application/json; amounts=string`, or
`?amounts=string`, which works in the address of a stream, too.
"""

from __future__ import annotations

from flask import Flask, request
from werkzeug.http import parse_options_header

from orders.domain.amounts import FORMS, PARAMETER
from orders.domain.errors import ValidationFailed

WANTED = ("application/json", {PARAMETER: "string"})


def register_amounts(app: Flask) -> None:
    """Makes the app refuse an unknown `amounts` before it does anything else."""
    app.before_request(_check)


def _check() -> None:
    if PARAMETER in request.environ["QUERY_STRING"]:
        given = request.args.getlist(PARAMETER)
        if given and (len(given) > 1 or given[0] not in FORMS):
            raise ValidationFailed({PARAMETER: [f"Must be one of: {', '.join(FORMS)}."]})


def wants_strings() -> bool:
    """Whether this request asks for amounts as strings. The query wins over the header."""
    environ = request.environ
    if PARAMETER in environ["QUERY_STRING"] and PARAMETER in request.args:
        return request.args[PARAMETER] == "string"
    if PARAMETER not in environ.get("HTTP_ACCEPT", ""):
        return False
    return any(parse_options_header(each) == WANTED for each in request.accept_mimetypes.values())
