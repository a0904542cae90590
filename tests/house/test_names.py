"""The names that ship are those that Faker draws, for every locale a scenario may name."""

from pathlib import Path
from typing import get_args

import pytest
from draw_names import drawn, files

from mockserver.simulation.scenarios import Locale


def test_there_is_a_file_for_each_locale() -> None:
    assert [file.stem for file in files()] == sorted(get_args(Locale))


@pytest.mark.parametrize("file", files(), ids=lambda file: file.stem)
def test_the_names_are_those_drawn(file: Path) -> None:
    assert drawn(file.stem) == file.read_text(encoding="utf-8"), "python tests/draw_names.py draws them again"
