"""Recordings of simulated calls as MP3 files.

Encoding a long call second by second would cost seconds of CPU, so a recording is *assembled*: each voice has
a few words, each word is encoded once, and its frames are repeated where they are needed. That works because
every word is encoded from a fresh start (its first frame refers to nothing before it), at a constant bit rate
(its frames keep their size), and begins and ends in silence (where two words meet, nothing can click). A call
of any length costs the words it uses and one join.
"""

import itertools
import struct
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mockserver import chance
from mockserver.errors import WrongUse
from mockserver.media import voices

BIT_RATE = 24_000
"""Bits a second: an hour of recording is 10.8 MB."""

FRAME_SAMPLES = 576
"""Samples in one frame (MPEG-2 layer III): 24 ms. Nothing in a recording is placed finer than that."""

_FRAME_BYTES = FRAME_SAMPLES * BIT_RATE // 8 // voices.SAMPLE_RATE

# Every decoder is late by this many samples; one that reads the file's measures takes them off again.
_DECODER_DELAY = 529

# A word sounds in all its frames but two: one at each end is needed to fade from and to silence.
_FADE_FRAMES = 2

# Frames of the words that a voice has; every number of frames from the shortest word on is a sum of these.
_WORDS = (3, 4, 5, 6, 7, 8, 11, 14)
_SHORTEST_WORD = _WORDS[0]

# The first frame holds no sound but the file's measures. They need 169 bytes, so this frame alone has a bit
# rate of 64 kbit/s (the code for it in the frame's header is 8).
_INFO_FRAME_BYTES = 192
_INFO_BIT_RATE_CODE = 8


@dataclass(frozen=True, slots=True)
class Segment:
    """Somebody heard from `start_ms` until `end_ms`, both counted from the start of the recording.

    `voice` is "user" or "assistant"; anything else (a tool, say) sounds as keys being pressed.
    """

    voice: str
    start_ms: int
    end_ms: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_ms <= self.end_ms:
            raise WrongUse(
                f"A segment of {self.voice!r} runs from {self.start_ms} ms to {self.end_ms} ms. "
                "Give times from the start of the recording, the end not before the start."
            )


def render_mp3(segments: Sequence[Segment], duration_ms: int, *, seed: int) -> bytes:
    """The recording as an MP3 file of `duration_ms`: mono, 24 kHz, 24 kbit/s, silent where no segment is.

    Decoders that read the file's own measures play exactly `duration_ms`, the others up to 46 ms more. Speech
    starts and stops within 40 ms inside its segment; where segments overlap, all of them are heard; what lies
    behind the end of the recording is cut. The same arguments give the same bytes, and `seed` chooses the
    speakers' pitch and words. Costs about 0.1 s of CPU for calls of an hour, and a quarter of a second for
    four hours: hand it to a thread. Raises WrongUse when `duration_ms` is not positive.
    """
    vocabulary = _Vocabulary(seed)
    pieces = [_info_frame(vocabulary.silent_frame[:4], duration_ms)]
    pieces += vocabulary.speech(_spans(segments, _sounding_frames(duration_ms)))
    missing = mp3_size(duration_ms) - sum(map(len, pieces))
    pieces.append(vocabulary.silent_frame * (missing // _FRAME_BYTES))
    return b"".join(pieces)


def mp3_size(duration_ms: int) -> int:
    """How many bytes `render_mp3` makes of `duration_ms`, whatever is said in them."""
    return _INFO_FRAME_BYTES + _frames(duration_ms) * _FRAME_BYTES


def _samples(duration_ms: int) -> int:
    if duration_ms <= 0:
        raise WrongUse(f"A recording cannot last {duration_ms} ms. A call that never connected has no recording.")
    return duration_ms * voices.SAMPLE_RATE // 1000


def _sounding_frames(duration_ms: int) -> int:
    """Whole frames that lie within the recording; words stay inside them."""
    return _samples(duration_ms) // FRAME_SAMPLES


def _frames(duration_ms: int) -> int:
    """Frames with sound or silence in the file; the first one, which has the measures, is not counted."""
    return -(-(_samples(duration_ms) + _DECODER_DELAY) // FRAME_SAMPLES)


@dataclass(frozen=True, slots=True)
class _Span:
    """`frames` frames in which exactly `voices` are heard."""

    frames: int
    voices: frozenset[str]


def _spans(segments: Sequence[Segment], frames: int) -> Iterator[_Span]:
    """The time line from frame 0 up to the end of the last segment, cut wherever somebody starts or stops."""
    changes: list[tuple[int, int, str]] = []
    for segment in segments:
        if segment.start_ms == segment.end_ms:
            continue
        start = _nearest_frame(segment.start_ms)
        end = min(frames, max(_nearest_frame(segment.end_ms), start + _SHORTEST_WORD))
        if start < end:
            changes += [(start, 1, segment.voice), (end, -1, segment.voice)]
    at = 0
    heard: Counter[str] = Counter()
    for frame, group in itertools.groupby(sorted(changes), key=lambda change: change[0]):
        if frame > at:
            yield _Span(frame - at, frozenset(+heard))
        at = frame
        for _, step, voice in group:
            heard[voice] += step


def _nearest_frame(ms: int) -> int:
    return (ms * voices.SAMPLE_RATE + 500 * FRAME_SAMPLES) // (1000 * FRAME_SAMPLES)


class _Vocabulary:
    """The words of one recording, encoded when they are first used."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._words: dict[tuple[frozenset[str], int], bytes] = {}
        header = _encode([0] * FRAME_SAMPLES)[:4]
        # A frame that says it has no bits of sound is decoded as silence.
        self.silent_frame = header + bytes(_FRAME_BYTES - len(header))

    def speech(self, spans: Iterator[_Span]) -> Iterator[bytes]:
        """The frames of `spans`, in pieces."""
        dice = chance.generator("speech", self._seed)
        for span in spans:
            left = span.frames
            if not span.voices:
                yield self.silent_frame * left
                continue
            while left >= _SHORTEST_WORD:
                # What is left over must be long enough for another word, so that the span sounds to its end.
                fitting = [word for word in _WORDS if word == left or word <= left - _SHORTEST_WORD]
                length = dice.choice(fitting[-4:])
                yield self.word(span.voices, length)
                left -= length
            yield self.silent_frame * left

    def word(self, speakers: frozenset[str], frames: int) -> bytes:
        """A word of `frames` frames, at least three, said by all `speakers` at once."""
        if (speakers, frames) not in self._words:
            samples = (frames - _FADE_FRAMES) * FRAME_SAMPLES
            sound = voices.speak(sorted(speakers), samples, seed=self._seed)
            self._words[speakers, frames] = _encode(sound)[: frames * _FRAME_BYTES]
        return self._words[speakers, frames]


def _encode(sound: Sequence[int]) -> bytes:
    """MP3 frames of `sound`, made by an encoder that knows of nothing before it."""
    # Imported here: only who fetches a recording needs it.
    import lameenc

    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_channels(1)
    encoder.set_in_sample_rate(voices.SAMPLE_RATE)
    encoder.set_out_sample_rate(voices.SAMPLE_RATE)
    encoder.set_bit_rate(BIT_RATE // 1000)
    encoder.set_quality(7)
    return bytes(encoder.encode(struct.pack(f"<{len(sound)}h", *sound))) + bytes(encoder.flush())


def _info_frame(header: bytes, duration_ms: int) -> bytes:
    """The first frame: how many frames and bytes follow, and which of their samples are real.

    Its layout is the "Info" header with the extension that LAME gave it. A decoder that does not know it
    plays one more silent frame.
    """
    frames = _frames(duration_ms)
    size = mp3_size(duration_ms)
    # Decoders take off their own delay unasked, and words are placed so that nothing else has to be skipped
    # in front. (An encoder's usual 576 would make the file 24 ms longer for those that do not skip.)
    skipped_front = 0
    skipped_back = frames * FRAME_SAMPLES - _samples(duration_ms)
    seek_table = bytes(256 * percent // 100 for percent in range(100))
    frame = bytearray(header[:2])
    frame += bytes([_INFO_BIT_RATE_CODE << 4 | header[2] & 0x0F, header[3]])
    frame += bytes(9)  # Side information: no sound.
    frame += struct.pack(">4sIII100sI", b"Info", 0b1111, frames, size, seek_table, 0)
    frame += struct.pack(
        ">9sBB8xBB3s4xIH",
        b"LAME3.100",
        1,  # Revision 0, constant bit rate.
        0,  # Low-pass unknown.
        0,  # No flags.
        BIT_RATE // 1000,
        (skipped_front << 12 | skipped_back).to_bytes(3, "big"),
        size,
        0,  # No checksum of the sound: adding it up would cost more than the rest.
    )
    frame += struct.pack(">H", _checksum(frame))
    return bytes(frame.ljust(_INFO_FRAME_BYTES, b"\0"))


def _checksum(data: bytes | bytearray) -> int:
    """CRC-16 with the reflected polynomial 0x8005, which the LAME extension ends with."""
    state = 0
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = state >> 1 ^ (0xA001 if state & 1 else 0)
    return state
