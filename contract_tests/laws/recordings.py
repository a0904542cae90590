"""Recordings: signed addresses that play, expire, and cannot be changed."""

import io
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ..exchange import Exchange
from ..finding import Broken, Unjudged, require
from ..law import Need, law
from ..trial import Trial
from .lists import APRIL

Json = Any

BOTH = (Need.CONTROL, Need.WRITES)
OPERATIONS = ("calls_audio_list", "calls_list")

LONGEST_SECONDS = 7 * 24 * 3600
"""No signed address of the vendor's storage service can be valid for longer."""

SLACK_SECONDS = 2.0


def _address(trial: Trial, call_id: int) -> str:
    found: str = trial.api.ok("calls_audio_list", call_id=call_id)["url"]
    return found


def _fetch(trial: Trial, url: str, **headers: str) -> Exchange:
    """Fetch an address as a player would: without the key."""
    return trial.api.holding(None).send("GET", url, headers=headers)


def _recorded(trial: Trial) -> Json:
    for call in trial.some(trial.calls(status="completed"), 5):
        if call["recording_url"] is not None:
            return call
    raise Unjudged("No call has a recording.")


def _length(exchange: Exchange) -> float:
    """The length of an MP3 file in seconds. Raises Broken for anything else."""
    from mutagen import MutagenError
    from mutagen.mp3 import MP3

    try:
        info: Any = MP3(io.BytesIO(exchange.body)).info  # type: ignore[no-untyped-call]
        # The header may promise more than the file has.
        return min(float(info.length), float(len(exchange.body) * 8 / info.bitrate))
    except MutagenError as error:
        raise Broken(f"The recording is no MP3 file: {error}.", exchange, mark="no mp3") from None


@law(
    "ML-421",
    source="calls.md#get-the-recordings-address",
    operations=OPERATIONS,
    contracts=APRIL,
    causes="An address that needs the key, or answers an error page with 200; an empty or broken file.",
)
def the_address_plays(trial: Trial) -> None:
    """The address of a recording answers an MP3 file, to anybody who has it, and it is as long as the call."""
    call = _recorded(trial)
    exchange = _fetch(trial, _address(trial, call["call_id"]))
    require(
        exchange.status == 200, f"The address of a recording answers {exchange.status}.", exchange, mark="status"
    )
    require(
        exchange.media_type in ("audio/mpeg", "audio/mp3"),
        f"A recording is {exchange.media_type!r}.",
        exchange,
        mark="type",
    )
    length = _length(exchange)
    require(
        abs(length - call["duration_seconds"]) <= SLACK_SECONDS,
        f"The recording of a call of {call['duration_seconds']} s lasts {length:.1f} s.",
        exchange,
        mark="length",
    )


@law(
    "ML-422",
    source="calls.md#get-the-recordings-address",
    operations=OPERATIONS,
    contracts=APRIL,
    causes="The signature is not looked at, or covers only a part of the address.",
)
def a_changed_address_is_refused(trial: Trial) -> None:
    """An address with another signature, recording or expiry, or without its signature, is refused."""
    call = _recorded(trial)
    url = _address(trial, call["call_id"])
    require(_fetch(trial, url).status == 200, "A fresh address does not play.", mark="fresh")
    parts = urlsplit(url)
    query = parse_qsl(parts.query, keep_blank_values=True)
    require(query, f"The address {url} is not signed: it has no query.", mark="unsigned")
    changed: dict[str, str] = {"without any signature": urlunsplit(parts._replace(query=""))}
    for at, (name, value) in enumerate(query):
        lower = name.lower()
        if "expires" in lower and value.isdigit():
            other = str(int(value) + 3600)
        elif "signature" in lower:
            other = value[:-1] + ("0" if value[-1] != "0" else "1")
        elif "date" in lower:
            other = value[:-2] + ("1Z" if value[-2] != "1" else "2Z")
        else:
            continue
        altered = [*query[:at], (name, other), *query[at + 1 :]]
        changed[f"with another {name}"] = urlunsplit(parts._replace(query=urlencode(altered)))
    others = [
        each
        for each in trial.calls(status="completed")
        if each["recording_url"] and each["call_id"] != call["call_id"]
    ]
    if others:
        mine, theirs = str(call["call_id"]), str(others[0]["call_id"])
        if mine in parts.path:
            changed["of another recording"] = urlunsplit(parts._replace(path=parts.path.replace(mine, theirs)))
    for how, address in changed.items():
        exchange = _fetch(trial, address)
        require(
            400 <= exchange.status < 500,
            f"The address {how} answers {exchange.status}; it must be refused.",
            exchange,
            mark=how,
        )


@law(
    "ML-423",
    source="calls.md#get-the-recordings-address: plays for a short while",
    needs=BOTH,
    operations=OPERATIONS,
    contracts=APRIL,
    causes="An expiry that is written into the address and never looked at.",
)
def an_address_expires(trial: Trial) -> None:
    """An address plays until it expires, and no longer; a new one can be had then."""
    call = trial.ended_call(direction="mic", scenario=trial.turns())
    url = _address(trial, call["call_id"])
    require(_fetch(trial, url).status == 200, "A fresh address does not play.", mark="fresh")
    named = [
        int(value)
        for name, value in parse_qsl(urlsplit(url).query)
        if name.lower().endswith("expires") and value.isdigit()
    ]
    lifetime = named[0] if named and named[0] <= LONGEST_SECONDS else 3600
    trial.control.advance(lifetime - 5)
    if named:
        exchange = _fetch(trial, url)
        require(
            exchange.status == 200,
            f"An address for {lifetime} s no longer plays 5 s before that.",
            exchange,
            mark="early",
        )
    trial.control.advance(10)
    exchange = _fetch(trial, url)
    require(
        400 <= exchange.status < 500,
        f"An address for {lifetime} s still answers {exchange.status} 5 s after that.",
        exchange,
        mark="late",
    )
    require(
        _fetch(trial, _address(trial, call["call_id"])).status == 200,
        "After an address expired, no new one plays.",
        mark="new",
    )


@law(
    "ML-424",
    source="calls.md#get-the-recordings-address: 404 when there is no recording",
    needs=BOTH,
    operations=OPERATIONS,
    contracts=APRIL,
    causes="An address of a file that does not exist.",
)
def no_recording_before_the_end(trial: Trial) -> None:
    """A call that goes on, or that nobody answered, has no recording: 404 and no recording_url."""
    call_id = trial.place(direction="mic", scenario=trial.turns())
    exchange = trial.api("calls_audio_list", call_id=call_id)
    require(
        exchange.status == 404,
        f"A call in progress has a recording: {exchange.shown_reply()[:200]}",
        exchange,
        mark="early",
    )
    trial.settle()
    exchange = trial.api("calls_audio_list", call_id=call_id)
    require(exchange.status == 200, "A call that is over has no recording.", exchange, mark="never")


@law(
    "ML-425",
    source="calls.md#get-the-recordings-address",
    operations=OPERATIONS,
    contracts=APRIL,
    causes="Range requests answered with the whole file, or with wrong bytes: players cannot seek.",
)
def a_player_can_seek(trial: Trial) -> None:
    """A part of a recording can be asked for, and is that part."""
    call = _recorded(trial)
    url = _address(trial, call["call_id"])
    entire = _fetch(trial, url).body
    exchange = _fetch(trial, url, Range="bytes=100-299")
    if exchange.status == 200 and exchange.body == entire:
        raise Unjudged("The storage does not offer parts of a file; that is allowed.")
    require(
        exchange.status == 206, f"A part of a recording is answered {exchange.status}.", exchange, mark="status"
    )
    require(
        exchange.body == entire[100:300],
        "A part of a recording is other bytes than asked for.",
        exchange,
        mark="bytes",
    )
    require(
        exchange.headers.get("content-range") == f"bytes 100-299/{len(entire)}",
        f"Content-Range is {exchange.headers.get('content-range')!r}.",
        exchange,
        mark="range",
    )


@law(
    "ML-426",
    source="calls.md#get-the-recordings-address",
    operations=OPERATIONS,
    contracts=APRIL,
    causes="One file for all calls.",
)
def recordings_are_of_their_call(trial: Trial) -> None:
    """Two calls have two recordings, each of its own length, and one call always the same one."""
    recorded = [each for each in trial.calls(status="completed") if each["recording_url"]]
    by_length = sorted(recorded, key=lambda each: int(each["duration_seconds"]))
    if len(by_length) < 2 or by_length[0]["duration_seconds"] == by_length[-1]["duration_seconds"]:
        raise Unjudged("It takes two recorded calls of different lengths.")
    short, long = (_fetch(trial, _address(trial, each["call_id"])) for each in (by_length[0], by_length[-1]))
    require(short.body != long.body, "Two calls have the same recording.", short, long, mark="same")
    for call, exchange in ((by_length[0], short), (by_length[-1], long)):
        require(
            abs(_length(exchange) - call["duration_seconds"]) <= SLACK_SECONDS,
            f"The recording of a call of {call['duration_seconds']} s lasts {_length(exchange):.1f} s.",
            exchange,
            mark="length",
        )
    again = _fetch(trial, _address(trial, by_length[0]["call_id"]))
    require(again.body == short.body, "A call's recording changes.", again, mark="changes")
    urls = [each["recording_url"] for each in recorded]
    require(len(set(urls)) == len(urls), "Two calls name the same recording_url.", mark="urls")
