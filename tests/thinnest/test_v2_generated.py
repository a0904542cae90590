"""Generated requests over a real socket find nothing wrong with the second API."""

import subprocess
import sys
from pathlib import Path

from mockserver import MockServer, Pace, Settings
from mockserver.world.worlds import KeyPolicy


def test_generated_requests_find_nothing(tmp_path: Path) -> None:
    """All checks but one: data of the right form may be refused for what no schema says (a file's kind)."""
    settings = Settings(pace=Pace.REAL, speed=20.0, world="demo", keys=KeyPolicy.OPEN)
    with MockServer(settings) as server:
        key = server.mint_key().replace("sk_test_", "thns_sk_")
        command = [
            *(str(Path(sys.executable).with_name("st")), "run"),
            f"{server.base_url}/_mock/openapi.yaml?contract=thinnestai-v2",
            *("--url", server.base_url, "--header", f"Authorization: Bearer {key}", "--max-examples", "4"),
            *("--seed", "20", "--no-color", "--continue-on-failure", "--generation-database", "none"),
            *("--warnings", "off", "--phases", "fuzzing", "--suppress-health-check", "filter_too_much"),
            *("--exclude-checks", "positive_data_acceptance"),
        ]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
        defects = [defect for world in server.app.worlds for defect in world.journal.defects]
    assert ran.returncode == 0, ran.stdout[-6000:]
    assert defects == [], "no request made the mock fail"
