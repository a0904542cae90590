"""Virtual time runs what falls due, in order, each at its own moment."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from mockserver.clock import Clock, Timer, iso, parse_iso
from mockserver.errors import ClockNeverSettles

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("after"), st.integers(0, 50)),
        st.tuples(st.just("advance"), st.integers(0, 30)),
    ),
    max_size=40,
)


def nothing() -> None:
    """A timer's action; the tests look at which timers ran."""


@given(STEPS)
def test_every_timer_runs_once_at_its_moment_and_in_order(steps: list[tuple[str, int]]) -> None:
    ran: list[tuple[int, int]] = []
    clock = Clock(0, lambda timer: ran.append((timer.number, clock.now_ms)))
    made: list[Timer] = []
    for kind, number in steps:
        if kind == "after":
            made.append(clock.after(number, nothing, ("calls", number % 4)))
        else:
            clock.advance(number)
            due = [each.number for each in sorted(made) if each.due_ms <= clock.now_ms]
            assert [number for number, _ in ran] == due
    clock.settle()
    assert clock.pending == 0
    assert ran == [(each.number, each.due_ms) for each in sorted(made)]


def test_a_timer_made_by_a_timer_runs_in_the_same_advance() -> None:
    ran: list[int] = []

    def run(timer: Timer) -> None:
        ran.append(clock.now_ms)
        if len(ran) < 3:
            clock.after(2, nothing, ("calls", 1))

    clock = Clock(1_000, run)
    clock.after(1, nothing, ("calls", 1))
    assert clock.advance(10) == 3
    assert ran == [2_000, 4_000, 6_000]
    assert clock.now_ms == 11_000


def test_cancelled_timers_do_not_run() -> None:
    ran: list[Timer] = []
    clock = Clock(0, ran.append)
    clock.after(1, nothing, ("calls", 1))
    kept = clock.after(2, nothing, ("calls", 2))
    clock.cancel(("calls", 1))
    assert (clock.pending, clock.next_due()) == (1, 2_000)
    clock.settle()
    assert ran == [kept]


def test_settling_what_never_ends_is_refused() -> None:
    def again(timer: Timer) -> None:
        clock.after(1, nothing, ("calls", 1))

    clock = Clock(0, again)
    clock.after(1, nothing, ("calls", 1))
    with pytest.raises(ClockNeverSettles, match="calls/1"):
        clock.settle(limit=50)


@given(st.integers(0, 253_402_300_799_999))
def test_times_read_back(ms: int) -> None:
    assert parse_iso(iso(ms)) == ms


def test_a_time_without_offset_is_utc() -> None:
    assert parse_iso("2026-04-20") == parse_iso("2026-04-20T02:00:00+02:00")
