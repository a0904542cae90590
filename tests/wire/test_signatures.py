"""Signatures as the vendor makes them: its published vectors, its client's verifier, and no byte to spare."""

import hypothesis.strategies as st
import pytest
from hypothesis import given
from thunderphone.webhooks import verify_signature

from mockserver.delivery.signatures import path_query_of, sign_v1, sign_v2, signed_headers

SECRET = "whsec_example_4c1f2a9b"
AT = 1_767_225_600


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
    assert sign_v2(SECRET, AT, method, target, body) == f"t={AT},v1={digest}"


@given(secret=st.text(min_size=1), body=st.binary(), flip=st.integers(0, 10_000), at=st.integers(0, 10**10))
def test_the_published_client_accepts_it_and_nothing_else(secret: str, body: bytes, flip: int, at: int) -> None:
    url = "http://127.0.0.1:9/hooks/in?x=1&y=%20"
    header = signed_headers(secret, at, "POST", url, body)["X-ThunderPhone-Signature-V2"]

    def verified(method: str = "POST", path: str = path_query_of(url), sent: bytes = body) -> bool:
        return verify_signature(header, secret=secret, method=method, path=path, body=sent, now=at + 299)

    assert verified()
    assert not verified(method="PUT")
    assert not verified(path="/hooks/in?x=2&y=%20")
    changed = bytearray(body + b"x")
    changed[flip % len(changed)] ^= 1
    assert not verified(sent=bytes(changed))


def test_the_older_signature_is_over_the_body_alone() -> None:
    assert sign_v1("key", b"The quick brown fox jumps over the lazy dog") == (
        "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
    )
    assert path_query_of("http://localhost:1") == "/"
