"""Generated requests over a real socket find nothing on the mock, reach far, and would find something."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from contract_tests.conformance import Reach, askable, conforms
from contract_tests.judge import Judge
from contract_tests.laws import every_law
from contract_tests.options import Options
from mockserver import MockServer, Pace, Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(Settings(pace=Pace.REAL, speed=20.0, world="demo")) as running:
        yield running


def options(server: MockServer, **more: object) -> Options:
    return Options(base_url=server.base_url, api_key=server.mint_key(), seed=20, **more)  # type: ignore[arg-type]


def test_generated_requests_find_nothing(server: MockServer) -> None:
    """All checks; examples, every boundary, and chance."""
    with Judge(options(server, max_examples=8)) as judge:
        law = next(each for each in every_law() if each.code == "ML-901")
        verdict = judge.judge(law)
    assert [f"{each.operation}: {each.message}" for each in verdict.findings] == []
    defects = [defect for world in server.app.worlds for defect in world.journal.defects]
    assert defects == [], "no request made the mock fail"


def test_sequences_find_nothing_and_reach_what_links_lead_to(server: MockServer) -> None:
    """A stateful run is worth what it reaches: things that were made are read, changed and deleted."""
    with Judge(options(server, max_examples=8)) as judge:
        home = judge.home().fresh("demo")
        for tag in ("Agents", "Integrations", "Phone number labels", "Publishable keys"):
            own = [each for each in askable(home) if each.tag == tag]
            reach = Reach()
            found = list(conforms(home, own, phases=("stateful",), reach=reach))
            assert [each.message for each in found] == []
            made = {each.id for each in own if each.method in ("POST", "DELETE") and each.path.count("/") <= 3}
            assert made & reach.succeeded, f"{tag}: nothing was made in {reach.requests} requests"
            deleted = {each.id for each in own if each.method == "DELETE"}
            assert deleted & reach.succeeded, f"{tag}: nothing was deleted in {reach.requests} requests"


def test_the_suite_judges_by_the_document_it_is_given(server: MockServer, tmp_path: Path) -> None:
    """It passes by the contract's own document, and fails by one that promises a field nobody sends."""
    document = yaml.safe_load((ROOT / "openapi" / "thunderphone-2026-04" / "openapi.yaml").read_text("utf-8"))
    agents = {path: item for path, item in document["paths"].items() if path.startswith("/v1/agents")}
    document["paths"] = agents
    found = []
    for extra in ([], ["colour"]):
        document["components"]["schemas"]["Agent"]["required"] += extra
        spec = tmp_path / "openapi.yaml"
        spec.write_text(yaml.safe_dump(document), "utf-8")
        with Judge(options(server, openapi=spec, max_examples=2)) as judge:
            report = judge.run(
                judge.chosen(each for each in every_law() if each.subject in ("shape", "conformance"))
            )
        found.append({each.law for each in report.findings})
        assert not extra or "colour" in report.findings[0].message
    assert found[0] == set()
    assert {"ML-901"} <= found[1]
