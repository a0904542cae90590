"""What a recording sounds like: babble with a speaker's pitch, and the keys of a machine at work.

Nobody says anything: a voice is a string of vowels under a syllable's rise and fall, clear enough to tell who
has the turn, and quiet enough to leave playing. Every number in here is invented.
"""

import math
from collections.abc import Sequence

from mockserver import chance

SAMPLE_RATE = 24_000
"""Samples a second, one channel of signed 16-bit numbers."""

# The peak of one voice, and of all that sound at once (16 bits reach 32,767).
_LOUDNESS = 7_000
_LOUDEST = 28_000

# The pitch of a speaker is somewhere in this range (Hz), by the seed of the recording.
_PITCHES = {"assistant": (104.0, 122.0), "user": (178.0, 224.0)}

# The two resonances (Hz) that make a, e, i, o, u of one hum.
_VOWELS = ((740, 1180), (520, 1850), (310, 2250), (470, 860), (330, 760))

_TABLE = 256
_SYLLABLE_SECONDS = 0.19


def speak(voices: Sequence[str], samples: int, *, seed: int) -> list[int]:
    """`samples` numbers of 16 bits in which all `voices` sound at once, silent at both ends.

    "user" and "assistant" babble, each at a pitch of its own; any other voice is keys being pressed. The same
    arguments give the same sound.
    """
    loudness = min(_LOUDNESS, _LOUDEST / len(voices))
    layers = [
        _babble(voice, samples, loudness, seed=seed)
        if voice in _PITCHES
        else _press_keys(voice, samples, loudness, seed=seed)
        for voice in voices
    ]
    if len(layers) == 1:
        return list(map(int, layers[0]))
    return list(map(int, map(sum, zip(*layers, strict=True))))


def _babble(voice: str, samples: int, loudness: float, *, seed: int) -> list[float]:
    lowest, highest = _PITCHES[voice]
    pitch = chance.generator("pitch", seed, voice).uniform(lowest, highest)
    dice = chance.generator("word", seed, voice, samples)
    syllables = max(1, round(samples / (SAMPLE_RATE * _SYLLABLE_SECONDS)))
    sound: list[float] = []
    for number in range(syllables):
        length = (number + 1) * samples // syllables - number * samples // syllables
        start = pitch * dice.uniform(0.96, 1.10)
        glide = start * dice.uniform(-0.14, 0.04)
        sound += _syllable(_period(dice.choice(_VOWELS), start, loudness), length, start, glide)
    return sound


def _period(resonances: Sequence[int], pitch: float, loudness: float) -> list[float]:
    """One period of a vowel sung at `pitch`, as a table that is read at the speed of the pitch."""
    overtones = range(1, int(3_400 / pitch) + 1)
    # The first harmonic stays the strongest: that is what makes the sound soft and its pitch plain.
    strengths = [1.0] + [
        0.5 * max(1 / (1 + ((k * pitch - peak) / 160) ** 2) for peak in resonances) + 0.12 / k
        for k in overtones[1:]
    ]
    harmonics = list(zip(overtones, strengths, strict=True))
    table = [sum([strength * _SINE[k * i % _TABLE] for k, strength in harmonics]) for i in range(_TABLE)]
    loudest = max(map(abs, table))
    return [loudness * value / loudest for value in table]


def _syllable(period: Sequence[float], samples: int, start: float, glide: float) -> list[float]:
    """`period` read at a pitch that moves from `start` by `glide` Hz, swelling from silence and back."""
    step = start * _TABLE / SAMPLE_RATE
    bend = glide * _TABLE / SAMPLE_RATE / (2 * samples)
    last = _TABLE - 1
    return [period[int(i * (step + bend * i)) & last] * _SWELL[i * _TABLE // samples] for i in range(samples)]


_SINE = tuple(math.sin(2 * math.pi * i / _TABLE) for i in range(_TABLE))

# Quick up, slow down, as a syllable is.
_SWELL = tuple(math.sin(math.pi * (i / _TABLE) ** 0.7) ** 0.8 for i in range(_TABLE))


def _press_keys(voice: str, samples: int, loudness: float, *, seed: int) -> list[float]:
    """A soft tick now and then."""
    dice = chance.generator("keys", seed, voice, samples)
    sound = [0.0] * samples
    tick = SAMPLE_RATE // 100
    at = dice.randrange(max(1, min(samples - tick, SAMPLE_RATE // 40)))
    while at + tick <= samples:
        strength = loudness * dice.uniform(0.35, 0.6)
        for i in range(tick):
            sound[at + i] = strength * dice.uniform(-1, 1) * math.exp(-i / 50)
        at += round(SAMPLE_RATE * dice.uniform(0.09, 0.16))
    return sound
