"""Ids as text that stand for numbers, in paths, queries, bodies and replies."""

from hypothesis import given
from hypothesis import strategies as st

from mockserver.spec import public_ids


@given(st.integers(0, 2**48 - 1))
def test_number_and_text_determine_each_other(number: int) -> None:
    text = public_ids.shown("ag_", number)
    assert public_ids.meant("ag_", text) == number
    assert public_ids.meant("sess_", text) is None


@given(st.text(max_size=20) | st.from_regex(r"ag_[0-9a-f]{8}_[0-9a-f]{4}", fullmatch=True))
def test_every_text_stands_for_one_number_or_none(text: str) -> None:
    number = public_ids.meant("ag_", text)
    assert number is None or public_ids.shown("ag_", number) == text
