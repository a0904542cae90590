"""Signatures as the vendor makes them: its published vectors, its client's verifier, and no byte to spare."""

import hashlib
import hmac

import hypothesis.strategies as st
import pytest
from hypothesis import given
from thunderphone.webhooks import verify_signature

from mockserver import shipped
from mockserver.delivery.signatures import contract_headers, path_query_of
from mockserver.errors import SpecError
from mockserver.settings import DEFAULT_CONTRACT
from mockserver.spec.contract import Contract
from mockserver.spec.delivery import read_delivery
from mockserver.world.outbox import Outgoing

SECRET = "whsec_example_4c1f2a9b"
AT = 1_767_225_600
V1, V2 = "X-ThunderPhone-Signature", "X-ThunderPhone-Signature-V2"

_DELIVERY = Contract.load(shipped.folder("openapi") / DEFAULT_CONTRACT).delivery
assert _DELIVERY is not None
RULES = _DELIVERY.headers


def headers(secret: str, at: int, method: str, url: str, body: bytes) -> dict[str, str]:
    return contract_headers(Outgoing("lane", method, url, body, secret, rules=RULES), at)


@pytest.mark.parametrize(
    ("method", "target", "body", "digest"),
    [
        (
            "POST",
            "/tools/lookup?region=us",
            b'{"customer_id":"cust_123"}',
            "03a89bec521f78d55727237ca4713bb0b8dcdf2e09e450865b5b5637b80c1c4e",
        ),
        (
            "GET",
            "/tools/lookup?customer_id=cust_123",
            b"",
            "3ce214cb0b8f2bf39b1d19d4e7265df9dbaff5a5f838d3cc6c753a8f7a4ad280",
        ),
    ],
)
def test_the_published_vectors(method: str, target: str, body: bytes, digest: str) -> None:
    assert headers(SECRET, AT, method, f"http://localhost:1{target}", body)[V2] == f"t={AT},v1={digest}"


@given(secret=st.text(min_size=1), body=st.binary(), flip=st.integers(0, 10_000), at=st.integers(0, 10**10))
def test_the_published_client_accepts_it_and_nothing_else(secret: str, body: bytes, flip: int, at: int) -> None:
    url = "http://127.0.0.1:9/hooks/in?x=1&y=%20"
    header = headers(secret, at, "POST", url, body)[V2]

    def verified(method: str = "POST", path: str = path_query_of(url), sent: bytes = body) -> bool:
        return verify_signature(header, secret=secret, method=method, path=path, body=sent, now=at + 299)

    assert verified()
    assert not verified(method="PUT")
    assert not verified(path="/hooks/in?x=2&y=%20")
    changed = bytearray(body + b"x")
    changed[flip % len(changed)] ^= 1
    assert not verified(sent=bytes(changed))


def test_the_older_signature_is_over_the_body_alone() -> None:
    body = b"The quick brown fox jumps over the lazy dog"
    signed = headers("key", AT, "POST", "http://localhost:1", body)
    assert signed[V1] == hmac.new(b"key", body, hashlib.sha256).hexdigest()
    assert path_query_of("http://localhost:1") == "/"
    assert V1 not in headers("", AT, "POST", "http://localhost:1", body), "nothing is signed without a secret"


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"subscription": {}}, "no setting 'subscription'. Did you mean subscriptions?"),
        ({"subscriptions": {"collection": "a", "events": "b", "active": {}}}, "retries is missing"),
        ({"headers": {"X-A": "{timestmp}"}}, "nothing is called {timestmp}. Did you mean timestamp?"),
        ({"headers": {"X-A": {"signs": "{hex}", "shows": ""}}}, "headers.X-A.signs: nothing is called {hex}"),
    ],
)
def test_a_wrong_setting_is_named(setting: dict[str, object], said: str) -> None:
    fine = {"subscriptions": {"collection": "a", "events": "b", "active": {}}, "timeout_seconds": 1, "retries": {}}
    wrong = setting if "retries" in said or "subscription" in setting else {**fine, **setting}
    with pytest.raises(SpecError) as error:
        read_delivery({"x-delivery": wrong}, name="own")
    assert said in str(error.value)
