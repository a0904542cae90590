import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Mount

from mockserver.errors import MockError
from mockserver.http.storage import RangeRefused, Storage, StoredObject, byte_range
from mockserver.media.signed_urls import MOUNT, UrlSigner

NOW = datetime(2026, 4, 22, 18, 0, tzinfo=UTC)
CONTENT = bytes(range(256)) * 4
SIGNER = UrlSigner(b"a secret")


@dataclass
class Shelf:
    """Objects whose contents are counted when they are rendered."""

    now: datetime = NOW
    contents: dict[str, bytes] = field(default_factory=lambda: {"org_1/42.mp3": CONTENT})
    announce_size: Callable[[bytes], int | None] = len
    rendered: list[str] = field(default_factory=list)
    gate: threading.Event | None = None
    cache_bytes: int = 10_000

    def locate(self, path: str) -> StoredObject | None:
        if path not in self.contents:
            return None
        content = self.contents[path]

        def render() -> bytes:
            self.rendered.append(path)
            if self.gate is not None:
                assert self.gate.wait(5)
            return content

        return StoredObject(
            now=self.now,
            etag=f"v{len(content)}",
            last_modified=NOW - timedelta(days=1),
            render=render,
            size=self.announce_size(content),
        )

    def client(self) -> httpx2.AsyncClient:
        storage = Storage(SIGNER, self.locate, cache_bytes=self.cache_bytes)
        app = Starlette(routes=[Mount(MOUNT, storage)])
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://mock.test")


def url(path: str = "org_1/42.mp3") -> str:
    return SIGNER.sign("http://mock.test", path, now=NOW, lifetime_seconds=60)


def ask(shelf: Shelf, method: str = "GET", address: str | None = None, **headers: str) -> httpx2.Response:
    async def send() -> httpx2.Response:
        async with shelf.client() as client:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            return await client.request(method, url() if address is None else address, headers=named)

    return asyncio.run(send())


def error(response: httpx2.Response) -> tuple[int, str | None]:
    """Status and code of a refusal; its form is checked on the way."""
    assert response.headers["content-type"] == "application/xml; charset=UTF-8"
    assert response.headers["access-control-allow-origin"] == "*"
    document = ElementTree.fromstring(response.content)
    assert [element.tag for element in document] == ["Code", "Message", "Details"]
    assert all(element.text for element in document)
    return response.status_code, document.findtext("Code")


def test_a_genuine_url_reads_the_object() -> None:
    response = ask(Shelf())
    assert response.status_code == 200
    assert response.content == CONTENT
    headers = dict(response.headers)
    assert "content-range" in headers.pop("access-control-expose-headers").lower()
    assert headers == {
        "accept-ranges": "bytes",
        "access-control-allow-origin": "*",
        "cache-control": "private, max-age=0",
        "content-length": "1024",
        "content-type": "audio/mpeg",
        "etag": '"v1024"',
        "last-modified": "Tue, 21 Apr 2026 18:00:00 GMT",
    }


def test_head_answers_get_s_headers_without_rendering() -> None:
    shelf = Shelf()
    head = ask(shelf, "HEAD", Range="bytes=0-9")
    assert (head.status_code, head.content, shelf.rendered) == (200, b"", [])
    assert head.headers == ask(shelf).headers


def test_head_renders_when_nobody_knows_the_size() -> None:
    assert ask(Shelf(announce_size=lambda _: None), "HEAD").headers["content-length"] == "1024"


def test_a_wrongly_announced_size_is_our_defect() -> None:
    with pytest.raises(MockError, match="announced with 3 bytes and rendered with 1024"):
        ask(Shelf(announce_size=lambda _: 3))


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("bytes=0-0", 0, 1), ("bytes=1000-", 1000, 1024), ("bytes=-24", 1000, 1024), ("Bytes=9-99999", 9, 1024)],
)
def test_a_range_is_answered_partially(asked: str, start: int, stop: int) -> None:
    response = ask(Shelf(), Range=asked)
    assert response.status_code == 206
    assert response.content == CONTENT[start:stop]
    assert response.headers["content-range"] == f"bytes {start}-{stop - 1}/1024"
    assert response.headers["content-length"] == str(stop - start)


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "bytes=5-2", "bytes=-", "bytes=a-b", "seconds=0-1", "0-1", "bytes=٣-"]
)
def test_what_is_no_single_range_is_answered_whole(asked: str) -> None:
    async def send() -> httpx2.Response:
        async with Shelf().client() as client:
            return await client.get(url(), headers={b"range": asked.encode()})

    response = asyncio.run(send())
    assert (response.status_code, len(response.content)) == (200, 1024)
    assert "content-range" not in response.headers


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(asked: str) -> None:
    response = ask(Shelf(), Range=asked)
    assert error(response) == (416, "InvalidRange")
    assert response.headers["content-range"] == "bytes */1024"


@settings(deadline=None)
@given(
    content=st.binary(max_size=40),
    first=st.none() | st.integers(0, 50),
    last=st.none() | st.integers(0, 50),
)
def test_ranges_agree_with_slices(content: bytes, first: int | None, last: int | None) -> None:
    header = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    if first is not None:
        expected = content[first : None if last is None else last + 1]
    else:
        expected = b"" if last is None else content[max(0, len(content) - last) :]
    try:
        part = byte_range(header, len(content))
    except RangeRefused:
        assert expected == b""
    else:
        if part is None:
            assert first == last is None or (first is not None and last is not None and last < first)
        else:
            assert content[slice(*part)] == expected != b""


@settings(deadline=None)
@given(st.text())
def test_no_range_header_breaks_anything(header: str) -> None:
    assert byte_range(f"bytes={header},", 10) is None


@pytest.mark.parametrize("tag", ['"v1024"', '"old", W/"v1024"', "*"])
def test_what_the_client_has_is_not_sent_again(tag: str) -> None:
    shelf = Shelf()
    response = ask(shelf, If_None_Match=tag, Range="bytes=0-1")
    assert (response.status_code, response.content, shelf.rendered) == (304, b"", [])
    assert response.headers["etag"] == '"v1024"'


def test_another_etag_is_sent() -> None:
    assert ask(Shelf(), If_None_Match='"v1", "v10"').status_code == 200


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ('"v1024"', 206),
        ("Tue, 21 Apr 2026 18:00:00 GMT", 206),
        ('W/"v1024"', 200),
        ('"v1"', 200),
        ("Tue, 21 Apr 2026 18:00:01 GMT", 200),
    ],
)
def test_if_range_wants_the_very_same_content(condition: str, status: int) -> None:
    assert ask(Shelf(), Range="bytes=0-1", If_Range=condition).status_code == status


def test_the_clock_of_the_object_s_world_decides() -> None:
    shelf = Shelf(now=NOW + timedelta(seconds=60))
    assert ask(shelf).status_code == 200
    shelf.now += timedelta(seconds=1)
    assert error(ask(shelf)) == (400, "ExpiredToken")
    assert error(ask(Shelf(now=NOW - timedelta(days=1)))) == (403, "RequestTimeTooSkewed")


def test_the_signature_is_looked_at_first() -> None:
    late = Shelf(now=NOW + timedelta(days=1))
    assert error(ask(late, address=url()[:-1] + "x")) == (403, "SignatureDoesNotMatch")
    assert error(ask(late, address=url("gone.mp3")[:-1] + "x")) == (403, "SignatureDoesNotMatch")
    assert error(ask(late, address=url("gone.mp3"))) == (404, "NoSuchKey")
    assert error(ask(late, address=url().partition("?")[0])) == (403, "AccessDenied")
    assert error(ask(late, address=url().partition("&")[0])) == (400, "MalformedSecurityHeader")
    assert error(ask(late, address=f"{MOUNT}/%01%EF%BF%BF%3C%FF")) == (403, "AccessDenied")


def test_recordings_can_only_be_read() -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        response = ask(Shelf(), method)
        assert error(response) == (405, "MethodNotAllowed")
        assert response.headers["allow"] == "GET, HEAD, OPTIONS"


def test_a_page_may_ask_whether_it_may_seek() -> None:
    response = ask(
        Shelf(),
        "OPTIONS",
        url().partition("?")[0],
        Origin="http://localhost:3000",
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers="range,x-trace",
    )
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
    assert response.headers["access-control-allow-headers"] == "range,x-trace"


def test_any_path_can_be_stored() -> None:
    path = "org 1/ü%2F?&=+#.mp3"
    assert ask(Shelf(contents={path: b"sound"}), address=url(path)).content == b"sound"


def test_contents_are_rendered_once_while_they_are_kept() -> None:
    shelf = Shelf(contents={"a": bytes(4_000), "b": bytes(5_000), "c": bytes(3_000), "d": bytes(10_001)})

    async def read(order: str) -> None:
        async with shelf.client() as client:
            for path in order:
                assert len((await client.get(url(path))).content) == len(shelf.contents[path])

    # 10,000 bytes are kept: c drives out b, which was read longest ago; d is too big to keep and drives out none.
    asyncio.run(read("abbacaddab"))
    assert "".join(shelf.rendered) == "abcddb"


def test_changed_content_is_rendered_anew() -> None:
    shelf = Shelf()

    async def read() -> None:
        async with shelf.client() as client:
            assert (await client.get(url())).content == CONTENT
            shelf.contents["org_1/42.mp3"] = b"longer later"
            assert (await client.get(url())).content == b"longer later"

    asyncio.run(read())


def test_simultaneous_readers_render_once_and_do_not_block_each_other() -> None:
    shelf = Shelf(gate=threading.Event())

    async def read() -> list[httpx2.Response]:
        async with shelf.client() as client:
            waiting = [asyncio.create_task(client.get(url())) for _ in range(5)]
            while not shelf.rendered:
                await asyncio.sleep(0.001)
            # Who asks for something else is served while the content is being made.
            assert (await client.head(url())).status_code == 200
            # Who started it may hang up.
            waiting.pop(0).cancel()
            assert shelf.gate is not None
            shelf.gate.set()
            return await asyncio.gather(*waiting)

    assert [response.content for response in asyncio.run(read())] == [CONTENT] * 4
    assert shelf.rendered == ["org_1/42.mp3"]


def test_a_failed_rendering_is_tried_again() -> None:
    shelf = Shelf()
    sizes = iter([3, 1024])
    shelf.announce_size = lambda _: next(sizes)

    async def read() -> int:
        async with shelf.client() as client:
            with pytest.raises(MockError):
                await client.get(url())
            return (await client.get(url())).status_code

    assert asyncio.run(read()) == 200
