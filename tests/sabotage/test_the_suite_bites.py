"""The contract suite finds each deliberate defect, by a law that is meant for it, and nothing on the healthy
mock.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from contract_tests import watch
from contract_tests.exchange import Exchange
from contract_tests.judge import Judge, Outcome, Report, document_for
from contract_tests.law import Law
from contract_tests.laws import every_law
from contract_tests.options import DEFAULT_CONTRACT, Options
from mockserver import Settings
from mockserver.world.worlds import KeyPolicy
from sabotage import alone
from sabotage.catalogue import every_defect
from sabotage.independent import DEFECTS
from sabotage.stage import Asked, Defect, Saboteur, staged
from sabotage.tools import asks

GENERATED = "conformance"
"""The subject of Schemathesis's own laws: they find much, slowly, and are not what is proved here."""

SEEDS = range(10)

ALONE_AGAIN = ("call-without-voice", "total-counts-the-page", "created-is-200", "minutes-rounded-down")
"""What is measured again of what Schemathesis finds alone."""

FORGETS_KEYS = Defect(
    "replays-call-again",
    "A repeated placement calls again",
    "state",
    ("ML-741",),
    before=lambda asked, scene: _without_key(asked),
)

INDEPENDENT = [fault for fault in DEFECTS if fault.laws]

BY_THE_WIRE = {watch.EMPTY, watch.LENGTH}
"""Laws about bytes that no server library sends; `test_what_no_server_sends` breaks them."""


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[str, Saboteur]]:
    with staged(Settings(keys=KeyPolicy.OPEN)) as running:
        yield running


def _without_key(asked: Asked) -> None:
    if asks(asked, "calls_place") and isinstance(asked.json, dict):
        asked.json = {name: value for name, value in asked.json.items() if name != "idempotency_key"}


def judged(base_url: str, key: str, laws: list[Law], *, seed: int = 0) -> Report:
    with Judge(Options(base_url=base_url, api_key=key, seed=seed, max_examples=5)) as judge:
        return judge.run(laws)


def laws_for(defect: Defect) -> list[Law]:
    """The laws that are meant to find it; where those only look on, others that ask its operations as well."""
    meant = [law for law in every_law() if law.code in defect.laws and law.subject != GENERATED]
    if any(not law.is_passive for law in meant):
        return meant
    asking = [
        law
        for law in every_law()
        if law not in meant and law.subject != GENERATED and set(law.operations) & set(defect.operations)
    ]
    return [*meant, *(asking or [law for law in every_law() if law not in meant and law.subject != GENERATED])]


@pytest.mark.parametrize("defect", every_defect(), ids=lambda defect: defect.name)
def test_a_defect_is_found_by_its_law(
    defect: Defect, stage: tuple[str, Saboteur], record_property: Callable[[str, object], None]
) -> None:
    base_url, saboteur = stage
    saboteur.put_on(defect)
    try:
        report = judged(base_url, f"sk_test_{defect.name.replace('-', '_')}", laws_for(defect))
    finally:
        saboteur.put_on(None)
    found = {finding.law for finding in report.findings}
    assert found & set(defect.laws), f"{defect.says}: found by {sorted(found)}, meant for {defect.laws}"
    for finding in report.findings:
        if finding.law in defect.laws:
            assert finding.evidence, "a finding without a request cannot be repeated"
            assert "curl" in finding.evidence[-1].curl()
    record_property("deliberate defect", f"{defect.kind} {min(found & set(defect.laws))}")


@pytest.mark.parametrize("fault", INDEPENDENT[::5], ids=lambda fault: fault.name)
def test_an_independent_fault_is_found(fault: Defect, stage: tuple[str, Saboteur]) -> None:
    """A fifth of them; `python -m sabotage.measure` judges by all."""
    base_url, saboteur = stage
    saboteur.put_on(fault)
    try:
        report = judged(base_url, f"sk_test_{fault.name.replace('-', '_')}", laws_for(fault))
    finally:
        saboteur.put_on(None)
    assert {finding.law for finding in report.findings} & set(fault.laws)


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_found_on_the_healthy_mock(seed: int, stage: tuple[str, Saboteur]) -> None:
    base_url, saboteur = stage
    saboteur.put_on(None)
    laws = [
        law
        for law in every_law()
        if law.subject != GENERATED and (not law.contracts or DEFAULT_CONTRACT in law.contracts)
    ]
    report = judged(base_url, f"sk_test_healthy_{seed}", laws, seed=seed)
    assert [f"{finding.law} {finding.operation}: {finding.message}" for finding in report.findings] == []
    assert [verdict.law.code for verdict in report.of(Outcome.UNJUDGED)] == [], "everything can be judged here"
    for world in saboteur.worlds:
        assert world.journal.defects == []


def test_every_law_has_a_defect() -> None:
    """A law that no defect is meant for may be one that cannot be broken."""
    meant = {code for defect in every_defect() for code in defect.laws}
    assert sorted({law.code for law in every_law()} - meant - BY_THE_WIRE - {"ML-741", "ML-902"}) == []
    assert sorted(meant - {law.code for law in every_law()}) == []


def test_a_law_of_the_typed_clients_contract_bites() -> None:
    """The catalogue is about the default contract; a law of another one has its defect here."""
    law = next(law for law in every_law() if law.code == "ML-741")
    [contract] = law.contracts
    with staged(Settings(contracts=(contract,), keys=KeyPolicy.OPEN)) as (base_url, saboteur):
        for defect, due in ((None, set()), (FORGETS_KEYS, {law.code})):
            saboteur.put_on(defect)
            with Judge(Options(base_url=base_url, api_key="sk_test_typed", contract=contract)) as judge:
                assert {finding.law for finding in judge.run([law]).findings} == due


@pytest.mark.parametrize(
    ("operation", "status", "headers", "body", "law"),
    [
        ("agents_delete", 204, {}, b"null", watch.EMPTY),
        (
            "healthz_list",
            200,
            {"content-type": "application/json", "content-length": "9"},
            b'{"ok":true}',
            watch.LENGTH,
        ),
    ],
    ids=["a body in 204", "a wrong length"],
)
def test_what_no_server_sends(operation: str, status: int, headers: dict[str, str], body: bytes, law: str) -> None:
    document = document_for(Options(base_url="http://127.0.0.1:1", api_key="sk_test_none"))
    seen = watch.Watch(document)
    method, path = document.operations[operation].method, document.operations[operation].path
    seen(Exchange(operation, method, f"http://127.0.0.1:1{path}", {}, b"", status, headers, body))
    assert [finding.law for finding in seen.findings] == [law]


def test_what_schemathesis_finds_alone_is_as_it_was_written_down(stage: tuple[str, Saboteur]) -> None:
    """The record is about this catalogue, and a part of it, measured again, comes out the same."""
    recorded: dict[str, bool] = json.loads(alone.RECORD.read_text("utf-8"))
    assert recorded.keys() == {defect.name for defect in every_defect()}, "python -m sabotage.alone writes it anew"
    again = [defect for defect in every_defect() if defect.name in ALONE_AGAIN]
    assert alone.measure(again) == {name: recorded[name] for name in ALONE_AGAIN}
    assert {recorded[name] for name in ALONE_AGAIN} == {True, False}


def test_the_readme_says_what_is_measured_here() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    said = {name: int(count) for name, count in re.findall(r"<!-- (\w+) -->(\d+)<!-- -->", readme)}
    recorded: dict[str, bool] = json.loads(alone.RECORD.read_text("utf-8"))
    own = [law for law in every_law() if law.subject != GENERATED]
    assert said == {
        "laws": len(own),
        "defects": len(every_defect()),
        "alone": sum(recorded.values()),
        "independent": len(DEFECTS),
        "found": len(INDEPENDENT),
    }
