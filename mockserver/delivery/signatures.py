"""The vendor's two signatures of the requests it sends, over the exact bytes that are sent."""

import hashlib
import hmac
from typing import Final
from urllib.parse import urlsplit

V1_HEADER: Final = "X-ThunderPhone-Signature"
V2_HEADER: Final = "X-ThunderPhone-Signature-V2"


def sign_v1(secret: str, body: bytes) -> str:
    """Lowercase hex HMAC-SHA256 of the body."""
    return hmac.new(secret.encode("utf-8"), body, hashlib.sha256).hexdigest()


def sign_v2(secret: str, timestamp: int, method: str, path_query: str, body: bytes) -> str:
    """`t=<unix seconds>,v1=<hex>`: HMAC-SHA256 over time, method, path with query, and body, a line each."""
    message = f"{timestamp}\n{method.upper()}\n{path_query}\n".encode() + body
    digest = hmac.new(secret.encode("utf-8"), message, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def path_query_of(url: str) -> str:
    """The path and query of a URL as they go over the wire; an empty path is `/`."""
    parts = urlsplit(url)
    path = parts.path if parts.path else "/"
    return f"{path}?{parts.query}" if parts.query else path


def signed_headers(secret: str, timestamp: int, method: str, url: str, body: bytes) -> dict[str, str]:
    """Both signature headers of one request."""
    return {
        V1_HEADER: sign_v1(secret, body),
        V2_HEADER: sign_v2(secret, timestamp, method, path_query_of(url), body),
    }
