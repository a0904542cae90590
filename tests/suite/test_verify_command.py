"""`mockserver verify`, as a person and a pipeline use it."""

import json
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from sabotage.catalogue import every_defect
from sabotage.stage import Saboteur, staged

from contract_tests.judge import Judge, document_for
from contract_tests.laws import every_law
from contract_tests.options import Options
from mockserver import Settings
from mockserver.cli import main
from mockserver.world.worlds import KeyPolicy

KEY = "sk_test_command"
QUICK = ("--only", "calls")


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[str, Saboteur]]:
    with staged(Settings(keys=KeyPolicy.OPEN)) as running:
        yield running


@pytest.fixture
def broken(stage: tuple[str, Saboteur]) -> Iterator[str]:
    """The address of a mock whose minutes are rounded down."""
    base_url, saboteur = stage
    saboteur.put_on(next(each for each in every_defect() if each.name == "minutes-rounded-down"))
    yield base_url
    saboteur.put_on(None)


def verify(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["verify", *map(str, words)], env={"COLUMNS": "200"})


def test_a_kept_contract_is_0(stage: tuple[str, Saboteur]) -> None:
    ran = verify(stage[0], "--api-key", KEY, *QUICK)
    assert ran.exit_code == 0, ran.output
    assert "0 broken" in ran.output.splitlines()[-1]


def test_a_broken_one_is_1_and_every_report_says_why(broken: str, tmp_path: Path) -> None:
    files = {name: tmp_path / "new" / f"report.{name}" for name in ("junit", "json", "html")}
    options = [word for name, path in files.items() for word in (f"--{name}", path)]
    ran = verify(broken, "--api-key", KEY, *QUICK, *options)
    assert ran.exit_code == 1, ran.output
    law = next(law for law in every_law() if law.code == "ML-303")
    for told in (law.code, law.name, law.title, law.source, "is billed", "curl -i "):
        assert told in ran.output, told
    found = json.loads(files["json"].read_text("utf-8"))
    finding = next(each for each in found["laws"] if each["code"] == "ML-303")["findings"][0]
    assert finding["operation"] == "calls_list"
    assert finding["exchanges"][-1]["curl"].startswith("curl -i ")
    assert found["counts"]["broken"] == len([each for each in found["laws"] if each["findings"]])
    cases = {case.get("name"): case for case in ElementTree.parse(files["junit"]).iter("testcase")}
    failure = cases["ML-303 minutes_are_rounded_up"].find("failure")
    assert failure is not None
    assert "curl" in (failure.text or "")
    assert cases["ML-302 duration_follows_the_times"].find("failure") is None
    page = files["html"].read_text("utf-8")
    for told in (law.code, "is billed", "curl -i ", "What was found"):
        assert told in page, told
    assert "<script" not in page, "the page is text"
    assert "<link" not in page, "the page needs nothing else"
    for path in files.values():
        assert KEY not in path.read_text("utf-8"), "a report is shown to others: it must not have the key"


def test_a_baseline_accepts_what_is_known(broken: str, stage: tuple[str, Saboteur], tmp_path: Path) -> None:
    known = tmp_path / "known.json"
    assert verify(broken, "--api-key", KEY, *QUICK, "--write-baseline", known).exit_code == 0
    again = verify(broken, "--api-key", f"{KEY}2", *QUICK, "--baseline", known)
    assert again.exit_code == 0, again.output
    assert "accepted by the baseline" in again.output
    stage[1].put_on(next(each for each in every_defect() if each.name == "duration-rounded"))
    other = verify(broken, "--api-key", KEY, *QUICK, "--baseline", known)
    assert other.exit_code == 1, "what is new is found beside what is known"
    assert verify(broken, "--api-key", KEY, "--baseline", Path(__file__)).exit_code == 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "Say what to judge"),
        (("localhost:8675", "--api-key", KEY), "is no address"),
        (("http://127.0.0.1:1", "--api-key", KEY), "Nobody answers at http://127.0.0.1:1"),
        (("http://127.0.0.1:1", "--api-key", KEY, "--contract", "thunder"), "Known: "),
        (("http://127.0.0.1:1", "--api-key", KEY, "--only", "cals"), "Did you mean calls?"),
        (("http://127.0.0.1:1", "--api-key", KEY, "--billable"), "--billable needs --writes"),
        (("--explain", "ML-000"), "There is no law 'ML-000'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_wrong_use_is_2_and_says_what_to_do(words: tuple[str, ...], told: str) -> None:
    ran = verify(*words)
    assert ran.exit_code == 2, ran.output
    assert told in ran.output


def test_a_refused_key_is_2(stage: tuple[str, Saboteur]) -> None:
    ran = verify(stage[0], "--api-key", "nonsense", *QUICK)
    assert ran.exit_code == 2
    assert "refuses the key" in ran.output


def test_list_and_explain_tell_every_law() -> None:
    listed = verify("--list").output
    for law in every_law():
        assert f"{law.code} {law.name}: {law.title}" in listed
        assert law.causes, f"{law.code} does not say what usually breaks it"
        explained = verify("--explain", law.code).output
        assert law.source in " ".join(explained.split())
        assert law.title in " ".join(explained.split())


def test_without_control_it_says_what_it_could_not_judge(stage: tuple[str, Saboteur]) -> None:
    ran = verify(stage[0], "--api-key", KEY, "--only", "calls", "--only", "recordings", "--no-control")
    assert ran.exit_code in (0, 2), ran.output
    assert "It takes the control API of a mock" in ran.output


@pytest.mark.parametrize(
    ("options", "read", "write", "spend"),
    [
        ({}, True, False, False),
        ({"writes": True}, True, True, False),
        ({"writes": True, "billable": True}, True, True, True),
        ({"base_url": "http://127.0.0.1:1"}, True, True, True),
    ],
    ids=["elsewhere", "writes", "billable", "this machine"],
)
def test_elsewhere_it_only_reads(options: dict[str, str | bool], read: bool, write: bool, spend: bool) -> None:
    """Nobody's phone rings because somebody tried a command."""
    chosen = Options(**{"base_url": "https://api.example.com", "api_key": KEY, "control": False, **options})  # type: ignore[arg-type]
    document = document_for(chosen)
    with Judge(chosen, document=document) as judge:
        assert (judge.forbidden(document.operations["calls_list"]) == "") is read
        assert (judge.forbidden(document.operations["agents_create"]) == "") is write
        for name in ("calls_place", "phone_numbers_create", "billing_top_up_create", "test_calls_create"):
            assert (judge.forbidden(document.operations[name]) == "") is spend, name
