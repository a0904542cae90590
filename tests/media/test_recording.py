"""Recordings are judged by decoders that we did not write: mutagen reads headers, miniaudio decodes."""

import io
import time
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import miniaudio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen.mp3 import MP3, BitrateMode

from mockserver.errors import WrongUse
from mockserver.media.recording import Segment, mp3_size, render_mp3
from mockserver.media.voices import SAMPLE_RATE

DIALOGUE = [Segment("assistant", 500, 3_000), Segment("user", 3_500, 6_000)]

# How far from its segment's ends a voice may start late or stop early, how far it may smear out of it, and what
# still counts as silence (of 32,767).
INSIDE_MS = 60
OUTSIDE_MS = 25
HUSH = 120


def decode(mp3: bytes) -> Sequence[int]:
    decoded = miniaudio.decode(mp3, nchannels=1, sample_rate=SAMPLE_RATE)
    samples: Sequence[int] = decoded.samples
    return samples


def between(sound: Sequence[int], start_ms: int, end_ms: int) -> Sequence[int]:
    return sound[max(0, start_ms) * SAMPLE_RATE // 1000 : max(0, end_ms) * SAMPLE_RATE // 1000]


def loudest(sound: Sequence[int]) -> int:
    return max(map(abs, sound), default=0)


def heard_between(sound: Sequence[int]) -> tuple[float, float]:
    """Milliseconds at which the first and the last sound are."""
    heard = [at * 1000 / SAMPLE_RATE for at, value in enumerate(sound) if abs(value) > HUSH]
    return heard[0], heard[-1]


def hum(sound: Sequence[int]) -> float:
    """Hz of the lowest voice: crossings of zero in what a slow ear hears, where it hears anything."""
    # A mean over 2 ms mutes the overtones that make the vowels.
    width = SAMPLE_RATE // 500
    running = sum(sound[:width])
    slow = [running]
    for left, right in zip(sound, sound[width:], strict=False):
        running += right - left
        slow.append(running)
    heard = [value for value in slow if abs(value) > HUSH * width]
    crossings = sum((a < 0) != (b < 0) for a, b in pairwise(heard))
    return crossings / 2 / (len(heard) / SAMPLE_RATE)


@pytest.mark.parametrize("duration_ms", [1_000, 2_000, 13_000, 97_000, 3_599_000, 12_345, 1])
def test_header_and_sound_agree_on_the_duration(duration_ms: int) -> None:
    mp3 = render_mp3([Segment("user", 0, duration_ms)], duration_ms, seed=1)

    info: Any = MP3(io.BytesIO(mp3)).info  # type: ignore[no-untyped-call]
    assert info.length == pytest.approx(duration_ms / 1000, abs=1e-6)
    assert (info.sample_rate, info.channels, info.bitrate_mode) == (SAMPLE_RATE, 1, BitrateMode.CBR)
    assert not info.sketchy
    assert len(mp3) == mp3_size(duration_ms)
    if duration_ms < 100_000:
        assert len(decode(mp3)) == duration_ms * SAMPLE_RATE // 1000
    # Whoever does not know the measures in the first frame counts frames of 24 ms.
    assert 0 <= (len(mp3) - 192) / 72 * 24 - duration_ms < 50


@st.composite
def conversations(draw: st.DrawFn) -> list[Segment]:
    """Segments in turn or overlapping, at any millisecond, within ten seconds."""
    segments = []
    for _ in range(draw(st.integers(0, 5))):
        start = draw(st.integers(0, 9_900))
        voice = draw(st.sampled_from(["user", "assistant", "lookup_order"]))
        segments.append(Segment(voice, start, draw(st.integers(start, 10_000))))
    return segments


@settings(max_examples=25, deadline=None)
@given(conversations(), st.integers(0, 3))
def test_sound_is_where_the_segments_are_and_nowhere_else(segments: list[Segment], seed: int) -> None:
    sound = decode(render_mp3(segments, 10_000, seed=seed))

    silent_until = 0
    for segment in sorted(segments, key=lambda segment: segment.start_ms):
        assert loudest(between(sound, silent_until, segment.start_ms - OUTSIDE_MS)) < HUSH
        # Shorter segments than a word's 72 ms sound as one word.
        end = max(segment.end_ms, segment.start_ms + 96) if segment.end_ms > segment.start_ms else 0
        silent_until = max(silent_until, end + OUTSIDE_MS)
    assert loudest(between(sound, silent_until, 10_000)) < HUSH

    for segment in segments:
        # A listener hears something in any three tenths of a second.
        for start in range(segment.start_ms + INSIDE_MS, segment.end_ms - INSIDE_MS - 300, 150):
            assert loudest(between(sound, start, start + 300)) > 4 * HUSH


@pytest.mark.parametrize("end_ms", [*range(1_200, 1_300, 7), 2_345, 4_321])
def test_speech_reaches_from_start_to_end_of_its_segment(end_ms: int) -> None:
    sound = decode(render_mp3([Segment("user", 1_000, end_ms)], 5_000, seed=5))
    first, last = heard_between(sound)
    assert 1_000 <= first < 1_040
    assert end_ms - 40 < last < end_ms + OUTSIDE_MS


@pytest.mark.parametrize("end_ms", [1_009, 1_080])
def test_a_word_begins_and_ends_in_silence(end_ms: int) -> None:
    # One millisecond is heard as the shortest word is: three frames of 24 ms, sound in the middle one.
    sound = decode(render_mp3([Segment("user", 1_008, end_ms)], 2_000, seed=5))
    first, last = heard_between(sound)
    assert 1_008 + 20 < first < last < 1_080 - 20


@pytest.mark.parametrize("seed", range(4))
def test_voices_are_told_apart_by_their_pitch(seed: int) -> None:
    sound = decode(render_mp3(DIALOGUE, 7_000, seed=seed))
    assistant, user = hum(between(sound, 500, 3_000)), hum(between(sound, 3_500, 6_000))
    assert 85 < assistant < 140
    assert 150 < user < 260


def test_both_voices_are_heard_where_they_overlap() -> None:
    alone = decode(render_mp3([Segment("assistant", 0, 4_000)], 4_000, seed=2))
    both = decode(render_mp3([Segment("assistant", 0, 4_000), Segment("user", 1_000, 3_000)], 4_000, seed=2))
    assert loudest(between(both, 1_100, 2_900)) > 1.3 * loudest(alone)
    assert loudest(between(both, 3_100, 4_000)) < 1.1 * loudest(alone)


def test_same_call_same_bytes() -> None:
    assert render_mp3(DIALOGUE, 7_000, seed=1) == render_mp3(list(reversed(DIALOGUE)), 7_000, seed=1)
    assert render_mp3(DIALOGUE, 7_000, seed=1) != render_mp3(DIALOGUE, 7_000, seed=2)


def test_a_long_call_costs_little_more_than_a_short_one() -> None:
    turns = [
        Segment(("user", "assistant")[turn % 2], turn * 5_000 + 300, turn * 5_000 + 4_700)
        for turn in range(4 * 3600 // 5)
    ]
    before = time.process_time()
    mp3 = render_mp3(turns, 4 * 3_600_000, seed=1)
    # Encoding all of it takes twenty seconds; assembling it a quarter of one.
    assert time.process_time() - before < 3
    assert len(mp3) == mp3_size(4 * 3_600_000) < 44_000_000


def test_what_lies_behind_the_end_is_cut() -> None:
    assert len(decode(render_mp3([Segment("user", 500, 9_000)], 1_000, seed=1))) == SAMPLE_RATE


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (10, 9)])
def test_impossible_segments_are_refused(start: int, end: int) -> None:
    with pytest.raises(WrongUse, match="not before the start"):
        Segment("user", start, end)


def test_a_recording_has_a_duration() -> None:
    with pytest.raises(WrongUse, match="has no recording"):
        render_mp3([], 0, seed=1)
