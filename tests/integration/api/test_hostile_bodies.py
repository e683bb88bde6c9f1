"""Hostile bodies: each gets a precise refusal, and nothing is stored."""

import json

import pytest
from flask.testing import FlaskClient

from orders.storage.database import connection
from orders.storage.models import Order

GOOD = {"tokenIn": "SOL", "tokenOut": "USDC", "amountIn": "1.5"}
INTERNALS = ("psycopg", "peewee", "SELECT", "INSERT", "Traceback", "orders/")


def body(**fields: object) -> bytes:
    return json.dumps({**GOOD, **fields}).encode()


def raw(amount: str) -> bytes:
    return b'{"tokenIn":"SOL","tokenOut":"USDC","amountIn":%s}' % amount.encode()


def limit(**fields: object) -> bytes:
    return body(**{"type": "limit", "limitPrice": "150", **fields})


MALFORMED = {
    "nothing": b"",
    "blanks": b"   ",
    "text": b"hello",
    "cut off": b'{"tokenIn": "SOL"',
    "two values": body() + body(),
    "NaN": raw("NaN"),
    "Infinity": raw("-Infinity"),
    "exponent bomb": raw("1e99999999999999999999"),
    "hexadecimal": raw("0x10"),
    "leading zero": raw("01"),
    "plus": raw("+1"),
    "trailing comma": b'{"tokenIn":"SOL",}',
    "comment": b'{/**/"tokenIn":"SOL"}',
    "duplicate key": b'{"tokenIn":"SOL","tokenIn":"USDC","tokenOut":"SOL","amountIn":1}',
    "nested deeply": b"[" * 10_000 + b"]" * 10_000,
    "nested deeply in a field": b'{"tokenIn":' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001,
    "bad UTF-8": b'{"tokenIn":"\xff\xfe"}',
    "UTF-16": json.dumps(GOOD).encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf" + body(),
    "lone surrogate": body(userId="\ud800"),
    "NUL escaped": body(userId="a\0b"),
    "NUL in a key": body(**{"a\0": 1}),
    "control character": b'{"tokenIn":"SO\x01L"}',
    "array": b"[1, 2]",
    "array of orders": b"[" + body() + b"]",
    "null": b"null",
    "true": b"true",
    "number": b"1",
    "string": b'"SOL"',
}

INVALID = {
    "empty": (b"{}", "tokenIn"),
    "no amount": (b'{"tokenIn":"SOL","tokenOut":"USDC"}', "amountIn"),
    "typo": (body(tokenin="SOL"), "tokenin"),
    "prototype": (body(__proto__={"a": 1}), "__proto__"),
    "amount null": (raw("null"), "amountIn"),
    "amount true": (raw("true"), "amountIn"),
    "amount array": (raw("[1]"), "amountIn"),
    "amount object": (raw("{}"), "amountIn"),
    "amount zero": (raw("0"), "amountIn"),
    "amount minus zero": (raw("-0"), "amountIn"),
    "amount minus zero point zero": (raw("-0.0"), "amountIn"),
    "amount negative": (raw("-1"), "amountIn"),
    "amount 1e309": (raw("1e309"), "amountIn"),
    "amount 1e-30": (raw("1e-30"), "amountIn"),
    "amount 1e999999": (raw("1e999999"), "amountIn"),
    "amount 40 digits": (raw("1" * 40), "amountIn"),
    "amount 4000 digits": (raw("9" * 4000), "amountIn"),
    "amount 29 digits": (raw("1." + "1" * 28), "amountIn"),
    "amount ten decimals of SOL": (raw("1.0000000001"), "amountIn"),
    "amount above the most": (raw("1000000000000.1"), "amountIn"),
    "amount text": (body(amountIn="one"), "amountIn"),
    "amount empty": (body(amountIn=""), "amountIn"),
    "amount blanks": (body(amountIn="  "), "amountIn"),
    "amount padded": (body(amountIn=" 1 "), "amountIn"),
    "amount NaN text": (body(amountIn="NaN"), "amountIn"),
    "amount Infinity text": (body(amountIn="Infinity"), "amountIn"),
    "amount underscore": (body(amountIn="1_000"), "amountIn"),
    "amount comma": (body(amountIn="1,5"), "amountIn"),
    "amount Arabic digits": (body(amountIn="١٢"), "amountIn"),
    "amount and amountIn differ": (body(amount="2"), "amount"),
    "slippage too fine": (body(slippage="0.00015"), "slippage"),
    "slippage above one": (body(slippage="1.01"), "slippage"),
    "slippage negative": (body(slippage="-0.01"), "slippage"),
    "slippages differ": (body(slippage="0.01", maxSlippageBps=50), "slippage"),
    "bps fraction": (body(maxSlippageBps=1.5), "maxSlippageBps"),
    "bps text": (body(maxSlippageBps="100"), "maxSlippageBps"),
    "bps true": (body(maxSlippageBps=True), "maxSlippageBps"),
    "bps null": (body(maxSlippageBps=None), "maxSlippageBps"),
    "bps too large": (body(maxSlippageBps=10_001), "maxSlippageBps"),
    "bps negative": (body(maxSlippageBps=-1), "maxSlippageBps"),
    "bps huge": (raw('1,"maxSlippageBps":' + "9" * 400), "maxSlippageBps"),
    "token number": (body(tokenIn=1), "tokenIn"),
    "token null": (body(tokenIn=None), "tokenIn"),
    "token array": (body(tokenIn=["SOL"]), "tokenIn"),
    "token empty": (body(tokenIn=""), "tokenIn"),
    "token blanks": (body(tokenIn="   "), "tokenIn"),
    "token very long": (body(tokenIn="S" * 30_000), "tokenIn"),
    "type unknown": (body(type="swap"), "type"),
    "type number": (body(type=1), "type"),
    "type null": (body(type=None), "type"),
    "type in capitals": (body(type="MARKET"), "type"),
    "side unknown": (body(side="hold"), "side"),
    "user empty": (body(userId=""), "userId"),
    "user blanks": (body(userId="   "), "userId"),
    "user too long": (body(userId="u" * 65), "userId"),
    "user number": (body(userId=7), "userId"),
    "user with line break": (body(userId="a\nb"), "userId"),
    "user with DEL": (body(userId="a\x7fb"), "userId"),
    "limitPrice of a market order": (body(limitPrice=1), "limitPrice"),
    "stopPrice of a limit order": (limit(stopPrice=1), "stopPrice"),
    "minLiquidity of a limit order": (limit(minLiquidity=1), "minLiquidity"),
    "limit without price": (body(type="limit"), "limitPrice"),
    "limit price null": (limit(limitPrice=None), "limitPrice"),
    "stop without price": (body(type="stop"), "stopPrice"),
    "limit price zero": (limit(limitPrice=0), "limitPrice"),
    "limit price tiny": (limit(limitPrice="1e-19"), "limitPrice"),
    "limit price huge": (limit(limitPrice="1e19"), "limitPrice"),
    "expiry of a market order": (body(expiresAt="2030-01-01T00:00:00Z"), "expiresAt"),
    "expiry in the past": (limit(expiresAt="2020-01-01T00:00:00Z"), "expiresAt"),
    "expiry too far": (limit(expiresAt="2999-01-01T00:00:00Z"), "expiresAt"),
    "expiry before all time": (limit(expiresAt="0001-01-01T00:00:00+23:59"), "expiresAt"),
    "expiry after all time": (limit(expiresAt="9999-12-31T23:59:59-23:59"), "expiresAt"),
    "expiry on February 30": (limit(expiresAt="2030-02-30T00:00:00Z"), "expiresAt"),
    "expiry without zone": (limit(expiresAt="2030-01-01T00:00:00"), "expiresAt"),
    "expiry number": (limit(expiresAt=1893456000), "expiresAt"),
    "expiry week date": (limit(expiresAt="2030-W01-1"), "expiresAt"),
    "group of a market order": (body(ocoGroup="0f8fad5b-d9cb-469f-a165-70867728950e"), "ocoGroup"),
    "group not a UUID": (limit(ocoGroup="mine"), "ocoGroup"),
    "sniper liquidity negative": (body(type="sniper", minLiquidity=-1), "minLiquidity"),
}

UNKNOWN_TOKENS = {
    "SQL": "'; DROP TABLE orders; --",
    "HTML": "<img src=x onerror=alert(1)>",
    "unlisted": "DOGE",
    "template": "{{7*7}}",
    "path": "../../etc/passwd",
    "not ASCII": "ſol",
    "mint with one letter changed": "So11111111111111111111111111111111111111113",
}


def post(client: FlaskClient, data: bytes, content_type: str = "application/json"):  # type: ignore[no-untyped-def]
    answer = client.post("/api/orders/execute", data=data, content_type=content_type)
    assert answer.mimetype == "application/problem+json", answer.text
    assert not [word for word in INTERNALS if word in answer.text]
    with connection():
        assert Order.select().count() == 0
    return answer.status_code, answer.get_json()


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED.keys())
def test_unreadable_body_is_refused(shared_client: FlaskClient, data: bytes) -> None:
    status, problem = post(shared_client, data)
    assert (status, problem["code"]) == (400, "malformed_request")


@pytest.mark.parametrize(("data", "field"), INVALID.values(), ids=INVALID.keys())
def test_the_field_that_is_wrong_is_named(
    shared_client: FlaskClient, data: bytes, field: str
) -> None:
    status, problem = post(shared_client, data)
    assert (status, problem["code"]) == (400, "validation_failed")
    assert field in problem["errors"]
    assert all(problem["errors"].values())


@pytest.mark.parametrize("token", UNKNOWN_TOKENS.values(), ids=UNKNOWN_TOKENS.keys())
def test_unknown_tokens_are_refused(shared_client: FlaskClient, token: str) -> None:
    status, problem = post(shared_client, body(tokenIn=token))
    assert (status, problem["code"]) == (400, "unknown_token")
    assert list(problem["errors"]) == ["tokenIn"]


@pytest.mark.parametrize("same", ["sol", "So11111111111111111111111111111111111111112"])
def test_a_token_is_not_swapped_for_itself(shared_client: FlaskClient, same: str) -> None:
    status, problem = post(shared_client, body(tokenOut=same))
    assert (status, problem["code"]) == (400, "same_token")


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/html"],
)
def test_other_media_types_are_refused(shared_client: FlaskClient, content_type: str) -> None:
    status, problem = post(shared_client, body(), content_type)
    assert (status, problem["code"]) == (415, "unsupported_media_type")


def test_bodies_that_are_too_large_are_refused(shared_client: FlaskClient) -> None:
    status, problem = post(shared_client, body(userId="u" * 5_000_000))
    assert (status, problem["code"]) == (413, "payload_too_large")


def test_a_thousand_unknown_fields_get_a_short_answer(shared_client: FlaskClient) -> None:
    status, problem = post(shared_client, body(**{f"field{n}" * 10: n for n in range(500)}))
    assert status == 400
    assert len(json.dumps(problem)) < 4_000


@pytest.mark.parametrize("key", ["", "a" * 256, "tab\tbed", "caf\xe9"])
def test_unusable_idempotency_keys_are_refused(shared_client: FlaskClient, key: str) -> None:
    answer = shared_client.post("/api/orders/execute", json=GOOD, headers={"Idempotency-Key": key})
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.get_json()["errors"]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/orders?limit=0", "limit"),
        ("/api/orders?limit=101", "limit"),
        ("/api/orders?limit=ten", "limit"),
        ("/api/orders?limit=1&limit=2", "limit"),
        ("/api/orders?statsu=open", "statsu"),
        ("/api/orders?status=done", "status"),
        ("/api/orders?status=", "status"),
        ("/api/orders?type=swap", "type"),
        ("/api/orders?cursor=%00", "cursor"),
        ("/api/orders?cursor=abc", "cursor"),
        ("/api/orders?cursor=caf%C3%A9", "cursor"),
        ("/api/orders?cursor=%F0%9F%98%80%27--", "cursor"),
        (
            "/api/orders/00000000-0000-7000-8000-000000000000/history?afterSequence=-1",
            "afterSequence",
        ),
        ("/api/quotes?tokenIn=SOL&tokenOut=USDC", "amountIn"),
        ("/api/quotes?tokenIn=SOL&tokenOut=USDC&amountIn=NaN", "amountIn"),
        ("/api/quotes?tokenIn=SOL&tokenOut=USDC&amountIn=0.0000000001", "amountIn"),
        ("/api/quotes?tokenIn=%00&tokenOut=USDC&amountIn=1", "tokenIn"),
        ("/api/quotes?tokenIn=SOL&tokenOut=USDC&amountIn=1&maxSlippageBps=1.5", "maxSlippageBps"),
        ("/api/market/candles?tokenIn=SOL&tokenOut=USDC&interval=2m", "interval"),
        ("/api/market/candles?tokenIn=SOL&tokenOut=USDC&from=yesterday", "from"),
        ("/api/market/candles?tokenIn=SOL&tokenOut=USDC&from=2999-01-01T00:00:00Z", "from"),
        (
            "/api/market/candles?tokenIn=SOL&tokenOut=USDC&interval=1s&from=2000-01-01T00:00:00Z",
            "from",
        ),
        ("/api/market/candles?tokenIn=SOL&tokenOut=USDC&to=0001-01-01T00:00:00Z", "from"),
    ],
)
def test_hostile_queries_name_the_field(shared_client: FlaskClient, path: str, field: str) -> None:
    answer = shared_client.get(path)
    assert answer.status_code == 400, answer.text
    assert answer.get_json()["code"] == "validation_failed"
    assert field in answer.get_json()["errors"]
