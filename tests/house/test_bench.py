"""The benchmark runs and tells everything that it promises; how fast anything is, no test judges."""

import json
import subprocess
import sys
from pathlib import Path


def test_it_prints_the_table(tmp_path: Path) -> None:
    file = tmp_path / "rows.json"
    small = ["--calls", "1000", "--rounds", "1", "--seconds", "0.05", "--json", str(file)]
    ran = subprocess.run(
        [sys.executable, "-m", "mockserver.bench", *small], capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    rows = {row["what"]: row for row in json.loads(file.read_bytes())}
    assert {
        "retrieve a call",
        "a page of 50 calls",
        "a filtered page of 50",
        "create an issue report",
        "start-up to the first reply",
        "memory, nothing asked yet",
        "memory of 1,000 calls",
        "a new organization, empty",
        "a new organization, demo",
    } <= rows.keys()
    for what, row in rows.items():
        assert what in ran.stdout
        assert row["ours"] > 0
        assert row["ratio"] is None or row["ratio"] == row["ours"] / row["bare"]
    assert rows["retrieve a call"]["unit"] == "requests/s"
