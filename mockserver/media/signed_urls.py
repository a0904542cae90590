"""Signed URLs of recordings, in the form of the vendor's storage service.

A URL is good for reading one object for a while, without a key. Its signature depends on a secret, the path
and the parameters only, so any replica that has the same secret can check it.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

from mockserver.errors import WrongUse

MOUNT = "/_storage"
"""Where, under the base URL, the storage service answers."""

LONGEST_LIFETIME = 604_800
"""Seconds a URL may live at most: seven days, as at the storage service."""

# A URL dated later than this after the present is not honoured yet.
_TOLERANCE = timedelta(minutes=15)

_ALGORITHM = "GOOG4-HMAC-SHA256"
_SIGNATURE = "X-Goog-Signature"
_SIGNED_PARAMETERS = (
    "X-Goog-Algorithm",
    "X-Goog-Credential",
    "X-Goog-Date",
    "X-Goog-Expires",
    "X-Goog-SignedHeaders",
)
_DATE_FORMAT = "%Y%m%dT%H%M%SZ"

# Invented, in the length and letters of a service account's key.
_ACCESS_ID = "GOOG1EMOCKSERVERRECORDINGS2222222222222222222222222222222222A"


class StorageRefusal(Exception):
    """The storage service's refusal: `status` of HTTP, its `code`, a `message` and `details` for people.

    `headers` are added to the reply.
    """

    status = 400
    code = "InvalidArgument"
    message = "The request cannot be served."

    def __init__(self, details: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{self.code}: {self.message} {details}")
        self.details = details
        self.headers = {} if headers is None else dict(headers)


class MissingSignature(StorageRefusal):
    """403: the URL is not signed at all."""

    status = 403
    code = "AccessDenied"
    message = "Access denied."


class MalformedQuery(StorageRefusal):
    """400: some of the parameters of a signed URL are there, some are not."""

    code = "MalformedSecurityHeader"
    message = "The parameters of the signed URL are incomplete."


class SignatureMismatch(StorageRefusal):
    """403: path or parameters are not the ones that were signed."""

    status = 403
    code = "SignatureDoesNotMatch"
    message = "The signature does not belong to this request."


class ExpiredUrl(StorageRefusal):
    """400: the URL's time is over."""

    code = "ExpiredToken"
    message = "The signed URL has expired."


class UrlNotYetValid(StorageRefusal):
    """403: the URL is dated in the future."""

    status = 403
    code = "RequestTimeTooSkewed"
    message = "The signed URL is not valid yet."


@dataclass(frozen=True, slots=True)
class Grant:
    """What a genuine URL allows: reading `object_path` in `bucket` from `starts` to `ends` (aware, UTC)."""

    bucket: str
    object_path: str
    starts: datetime
    ends: datetime

    def check_time(self, now: datetime) -> None:
        """Raise ExpiredUrl after `ends`, UrlNotYetValid long before `starts`. `now` is aware."""
        # URLs are dated to the second, so seconds are compared: 60 s are never over at 60 and always at 61.
        second = now.replace(microsecond=0)
        if second > self.ends:
            raise ExpiredUrl(
                f"It was good until {self.ends.isoformat()}, and it is {second.isoformat()}. "
                "Ask the API for a new URL each time one is needed."
            )
        if second + _TOLERANCE < self.starts:
            raise UrlNotYetValid(
                f"It was made at {self.starts.isoformat()}, and it is only {second.isoformat()}. "
                "Was the clock set back, or the organization reset?"
            )


class UrlSigner:
    """Signs and checks URLs with one secret.

    `bucket` is the one that new URLs are made for. Checking accepts every bucket that this secret has signed
    for, so one storage service can serve several APIs' recordings.
    """

    def __init__(self, secret: bytes, *, bucket: str = "thunderphone-recordings") -> None:
        self._secret = secret
        self._bucket = bucket

    def sign(
        self,
        base_url: str,
        object_path: str,
        *,
        now: datetime,
        lifetime_seconds: int,
        bucket: str | None = None,
    ) -> str:
        """A URL under `base_url` that reads `object_path` from `now` (aware) for `lifetime_seconds`.

        `bucket` is named in place of the signer's own.

        Raises WrongUse when the lifetime is not 1 to 604,800 s, when `now` has no time zone, or when the path
        is empty or begins with "/".
        """
        if not 1 <= lifetime_seconds <= LONGEST_LIFETIME:
            raise WrongUse(
                f"A signed URL cannot live {lifetime_seconds} s. Choose from 1 to {LONGEST_LIFETIME:,} s."
            )
        if now.tzinfo is None:
            raise WrongUse(f"A signed URL cannot be dated {now}, which has no time zone. Give the time in UTC.")
        if not object_path or object_path.startswith("/"):
            raise WrongUse(f"{object_path!r} is no object path. Give one like 'org_1/calls/42.mp3'.")
        stamp = now.astimezone(UTC).strftime(_DATE_FORMAT)
        values = (_ALGORITHM, f"{_ACCESS_ID}/{_scope(stamp)}", stamp, str(lifetime_seconds), "host")
        query = _canonical_query(zip(_SIGNED_PARAMETERS, values, strict=True))
        path = f"/{self._bucket if bucket is None else bucket}/{object_path}"
        signature = self._signature("GET", path, query, stamp)
        return f"{base_url.rstrip('/')}{MOUNT}{_canonical_path(path)}?{query}&{_SIGNATURE}={signature}"

    def authenticate(self, method: str, path: str, query_string: str | bytes) -> Grant:
        """What the URL grants, once its signature is found right; its time is not looked at.

        `path` is the decoded path below MOUNT, bucket first; `query_string` is as it came. Raises
        MissingSignature, MalformedQuery or SignatureMismatch.
        """
        parameters = _parameters(query_string)
        names = {name for name, _ in parameters}
        required = {*_SIGNED_PARAMETERS, _SIGNATURE}
        if not names & required:
            raise MissingSignature(
                f"Nobody may read {path} without a signature. Use the whole URL that the API answered, with "
                "everything behind the question mark."
            )
        if missing := sorted(required - names):
            raise MalformedQuery(
                f"{', '.join(missing)} is missing. In a shell, put the URL in quotes: it has ampersands."
            )
        signed = [(name, value) for name, value in parameters if name != _SIGNATURE]
        signatures = [value for name, value in parameters if name == _SIGNATURE]
        values = dict(signed)
        stamp = values["X-Goog-Date"]
        # Whoever may read an object may also ask about it.
        expected = self._signature("GET" if method == "HEAD" else method, path, _canonical_query(signed), stamp)
        given = signatures[0] if len(signatures) == 1 else ""
        if not hmac.compare_digest(expected.encode(), given.encode()):
            raise SignatureMismatch(
                f"It was not made for {method} {path} with these parameters and this server's secret. "
                "A signed URL cannot be edited, and a server started with another secret does not honour it."
            )
        bucket, _, object_path = path.removeprefix("/").partition("/")
        # Only `sign` makes such signatures, so from here on the values are what it wrote.
        starts = datetime.strptime(stamp, _DATE_FORMAT).replace(tzinfo=UTC)
        return Grant(bucket, object_path, starts, starts + timedelta(seconds=int(values["X-Goog-Expires"])))

    def verify(self, method: str, path: str, query_string: str | bytes, *, now: datetime) -> str:
        """The object path that the URL lets `method` read at `now` (aware).

        `path` is the decoded path below MOUNT, bucket first. Raises a StorageRefusal: MissingSignature,
        MalformedQuery, SignatureMismatch, ExpiredUrl or UrlNotYetValid.
        """
        grant = self.authenticate(method, path, query_string)
        grant.check_time(now)
        return grant.object_path

    def _signature(self, method: str, path: str, canonical_query: str, stamp: str) -> str:
        # The service binds the host's name too. We name the header, so that URLs look alike, but leave its
        # value out on purpose: port mappings and development proxies change the host between API and player.
        request = "\n".join(
            (method, _canonical_path(path), canonical_query, "host:", "", "host", "UNSIGNED-PAYLOAD")
        )
        scope = _scope(stamp)
        digest = hashlib.sha256(request.encode()).hexdigest()
        text = "\n".join((_ALGORITHM, stamp, scope, digest))
        key = b"GOOG4" + self._secret
        for part in scope.split("/"):
            key = _hmac(key, part)
        return _hmac(key, text).hex()


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def _scope(stamp: str) -> str:
    return f"{stamp[:8]}/auto/storage/goog4_request"


def _parameters(query_string: str | bytes) -> list[tuple[str, str]]:
    text = query_string.decode("latin-1") if isinstance(query_string, bytes) else query_string
    pairs = (part.partition("=") for part in text.split("&") if part)
    # Not parse_qsl: in a signed URL a plus is a plus.
    return [(unquote(name), unquote(value)) for name, _, value in pairs]


def _canonical_query(parameters: Iterable[tuple[str, str]]) -> str:
    return "&".join(f"{name}={value}" for name, value in sorted((_quoted(n), _quoted(v)) for n, v in parameters))


def _canonical_path(path: str) -> str:
    return quote(path, safe="/~")


def _quoted(text: str) -> str:
    return quote(text, safe="~")
