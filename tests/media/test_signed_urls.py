from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.errors import WrongUse
from mockserver.media.signed_urls import (
    MOUNT,
    ExpiredUrl,
    MalformedQuery,
    MissingSignature,
    SignatureMismatch,
    StorageRefusal,
    UrlNotYetValid,
    UrlSigner,
)

NOW = datetime(2026, 4, 22, 18, 7, 12, 900_000, tzinfo=UTC)
SIGNER = UrlSigner(b"a secret")
URL = SIGNER.sign("http://127.0.0.1:8675", "org_1/calls/42.mp3", now=NOW, lifetime_seconds=3600)


def take_apart(url: str) -> tuple[str, str]:
    """The decoded path below the mount, and the query, as a server gets them."""
    parts = urlsplit(url)
    return unquote(parts.path).removeprefix(MOUNT), parts.query


def verify(url: str, *, signer: UrlSigner = SIGNER, method: str = "GET", now: datetime = NOW) -> str:
    return signer.verify(method, *take_apart(url), now=now)


def test_a_url_looks_like_the_storage_service_s() -> None:
    parts = urlsplit(URL)
    assert (parts.netloc, parts.path) == (
        "127.0.0.1:8675",
        "/_storage/thunderphone-recordings/org_1/calls/42.mp3",
    )
    parameters = dict(parse_qsl(parts.query))
    signature = parameters.pop("X-Goog-Signature")
    assert len(bytes.fromhex(signature)) == 32
    assert signature == signature.lower()
    access_id, _, scope = parameters.pop("X-Goog-Credential").partition("/")
    assert (len(access_id), scope) == (61, "20260422/auto/storage/goog4_request")
    assert parameters == {
        "X-Goog-Algorithm": "GOOG4-HMAC-SHA256",
        "X-Goog-Date": "20260422T180712Z",
        "X-Goog-Expires": "3600",
        "X-Goog-SignedHeaders": "host",
    }


@settings(deadline=None)
@given(
    path=st.text(min_size=1).filter(lambda path: not path.startswith("/")),
    secret=st.binary(),
    lifetime=st.integers(1, 604_800),
    used_after=st.floats(0, 1),
    hours=st.integers(-12, 14),
)
def test_what_was_signed_verifies_until_it_expires(
    path: str, secret: bytes, lifetime: int, used_after: float, hours: int
) -> None:
    local = NOW.astimezone(timezone(timedelta(hours=hours)))
    signer, replica = UrlSigner(secret), UrlSigner(secret, bucket="another")
    url = signer.sign("https://mock.test/", path, now=local, lifetime_seconds=lifetime)
    assert verify(url, signer=replica, now=NOW + timedelta(seconds=lifetime * used_after)) == path
    with pytest.raises(ExpiredUrl):
        verify(url, signer=replica, now=NOW + timedelta(seconds=lifetime + 1))


def flips(text: str) -> Iterator[str]:
    """`text` with one bit of one letter flipped, each in turn."""
    for at, letter in enumerate(text):
        for bit in range(7):
            yield text[:at] + chr(ord(letter) ^ 1 << bit) + text[at + 1 :]


def test_any_flipped_bit_is_refused() -> None:
    path, query = take_apart(URL)
    parameters = parse_qsl(query)
    edits = [(edited, query) for edited in flips(path)]
    for place, (name, value) in enumerate(parameters):
        for edited in flips(value):
            others = [*parameters[:place], (name, edited), *parameters[place + 1 :]]
            edits.append((path, urlencode(others, quote_via=quote)))
    assert len(edits) > 1_500
    for edited_path, edited_query in edits:
        with pytest.raises(SignatureMismatch):
            SIGNER.authenticate("GET", edited_path, edited_query)
    for edited_query in flips(query):
        if sorted(parse_qsl(edited_query)) != sorted(parameters):  # %2F and %2f are one thing.
            with pytest.raises(StorageRefusal):
                SIGNER.authenticate("GET", path, edited_query)


def test_only_the_same_secret_opens_it() -> None:
    with pytest.raises(SignatureMismatch, match="another secret"):
        verify(URL, signer=UrlSigner(b"a secreT"))


def test_parameters_may_come_in_another_order_or_encoding_but_none_may_be_added() -> None:
    base, _, query = URL.partition("?")
    pairs = query.split("&")
    assert verify(f"{base}?{'&'.join(reversed(pairs))}")
    assert verify(URL.replace("%2F", "/"))
    for extra in ("x=1", "X-Goog-Expires=7200", "X-Goog-Expires=3600", pairs[-1], "X-Goog-Signature="):
        for edited in (f"{query}&{extra}", f"{extra}&{query}"):
            with pytest.raises(SignatureMismatch):
                verify(f"{base}?{edited}")


def test_a_url_to_read_with_also_opens_head_and_nothing_else() -> None:
    assert verify(URL, method="HEAD") == "org_1/calls/42.mp3"
    for method in ("PUT", "DELETE", "POST", "get"):
        with pytest.raises(SignatureMismatch):
            verify(URL, method=method)


def test_the_handed_in_clock_decides_to_the_second() -> None:
    assert verify(URL, now=NOW + timedelta(seconds=3600))
    with pytest.raises(ExpiredUrl) as refusal:
        verify(URL, now=NOW + timedelta(seconds=3601))
    assert (refusal.value.status, refusal.value.code) == (400, "ExpiredToken")
    assert "2026-04-22T19:07:12+00:00" in refusal.value.details

    assert verify(URL, now=NOW - timedelta(minutes=15))
    with pytest.raises(UrlNotYetValid):
        verify(URL, now=NOW - timedelta(minutes=15, seconds=1))


def test_an_edited_url_is_refused_as_edited_even_when_it_is_over() -> None:
    with pytest.raises(SignatureMismatch):
        verify(URL.replace("Expires=3600", "Expires=9999"), now=NOW + timedelta(days=1))


def test_what_is_missing_is_said() -> None:
    base, _, query = URL.partition("?")
    for unsigned in (base, f"{base}?", f"{base}?download=1"):
        with pytest.raises(MissingSignature, match="behind the question mark"):
            verify(unsigned)
    pairs = query.split("&")
    for place, pair in enumerate(pairs):
        with pytest.raises(MalformedQuery, match=f"{pair.partition('=')[0]} is missing"):
            verify(f"{base}?{'&'.join(pairs[:place] + pairs[place + 1 :])}")


def test_urls_are_signed_with_sense() -> None:
    for lifetime in (0, 604_801):
        with pytest.raises(WrongUse, match="1 to 604,800 s"):
            SIGNER.sign("http://mock.test", "a", now=NOW, lifetime_seconds=lifetime)
    with pytest.raises(WrongUse, match="no time zone"):
        SIGNER.sign("http://mock.test", "a", now=NOW.replace(tzinfo=None), lifetime_seconds=1)
    for path in ("", "/a"):
        with pytest.raises(WrongUse, match="no object path"):
            SIGNER.sign("http://mock.test", path, now=NOW, lifetime_seconds=1)
