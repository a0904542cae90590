"""The suite judges a server that shares nothing with the mock: it keeps its laws, and each wrong turn is found."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from contract_tests.judge import Judge, Outcome, Report
from contract_tests.laws import every_law
from contract_tests.options import Options

from .document import cut_document
from .forms import Refused
from .server import serving
from .service import Asked, Organization, Reply, Service

Json = Any

FEWEST_KEPT = 80
LACKS = re.compile(
    r"It takes the control API of a mock, .*|The contract has no [a-z_, ]+\.|"
    r"It is a law of thunderphone-sdk-0\.2\."
)
SUBJECTS = frozenset(each.subject for each in every_law())
LISTS = (
    "/v1/agents",
    "/v1/integrations",
    "/v1/phone-number-labels",
    "/v1/developer/api-keys",
    "/v1/orgs/",
    "/v1/members",
    "/v1/billing",
    "/v1/billing/transactions?limit=200",
    "/v1/calls?limit=200",
)


def judged(service: Service, url: str, document: Path, *only: str) -> Report:
    options = Options(
        base_url=url,
        api_key=service.keys[0],
        second_key=service.keys[1],
        openapi=document,
        control=False,
        max_examples=2,
        only=only,
    )
    with Judge(options) as judge:
        return judge.run(judge.chosen(every_law()))


def shown(url: str, key: str) -> dict[str, Json]:
    """What an organization's lists say, without what a key's use and a person's report rightly change."""
    with httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as client:
        found = {path: client.get(path).raise_for_status().json() for path in LISTS}
    found["/v1/developer/api-keys"] = [
        {name: value for name, value in each.items() if name != "last_used_at"}
        for each in found["/v1/developer/api-keys"]
        if each["is_active"]
    ]
    for organization in found["/v1/orgs/"]:
        del organization["updated_at"]
    for call in found["/v1/calls?limit=200"]["results"]:
        del call["issue_count"], call["critical_issue_count"]
    return found


@dataclass(frozen=True)
class Run:
    report: Report
    before: list[dict[str, Json]]
    after: list[dict[str, Json]]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cut_document(tmp_path_factory.mktemp("cut"))


@pytest.fixture(scope="module")
def whole(document: Path) -> Iterator[Run]:
    """Every law, generated requests included, on the server as it should be."""
    service = Service()
    with serving(service) as url:
        before = [shown(url, key) for key in service.keys]
        report = judged(service, url, document)
        yield Run(report, before, [shown(url, key) for key in service.keys])


def test_an_honest_server_keeps_every_law_that_can_be_judged_there(whole: Run) -> None:
    report = whole.report
    assert [f"{each.fingerprint}: {each.message}" for each in report.findings] == []
    assert not report.has_control
    kept = {each.law.code for each in report.of(Outcome.KEPT)}
    assert len(kept) >= FEWEST_KEPT
    assert {"ML-901", "ML-902"} <= kept
    strange = {
        each.law.code: each.reason for each in report.of(Outcome.UNJUDGED) if not LACKS.fullmatch(each.reason)
    }
    assert strange == {}


def test_nothing_is_left_behind_and_nothing_that_was_there_is_touched(whole: Run) -> None:
    assert whole.after == whole.before


class OtherwiseHonest(Service):
    """What the pages leave open, done the other way: no law may take the first way for the only one."""

    def _answer(self, asked: Asked) -> Reply:
        if asked.method == "HEAD":
            raise Refused(405, {"detail": "Not here."}, Allow="GET")
        if not asked.path.startswith(("/recordings/", "/v1/healthz")):
            self.organization_of(asked.headers.get("authorization", ""))  # even before a path is looked up
        return super()._answer(asked)

    @staticmethod
    def _id(name: str, written: str) -> Json:
        try:
            return Service._id(name, written)
        except Refused:
            raise Refused(404, {"detail": "Not found.", "code": "not_found"}) from None

    def _recording(self, asked: Asked) -> Reply:
        return super()._recording(Asked(asked.method, asked.path, asked.query, {}, b""))  # never in parts

    def agents_list(self, org: Organization, asked: Asked) -> Reply:
        return Reply(200, super().agents_list(org, asked).said[::-1])

    def integrations_list(self, org: Organization, asked: Asked) -> Reply:
        return Reply(200, super().integrations_list(org, asked).said[::-1])

    def _changed_agent(self, org: Organization, agent: Json, said: Json) -> Reply:
        self._linkable(org, said)
        agent.update(self._tiered({**agent, **said}), updated_at=self._now())
        self._snapshot(org, "agent_id", self._agent(org, agent))  # even when nothing differs
        return Reply(200, self._agent(org, agent))

    def _agent(self, org: Organization, agent: Json) -> Json:
        return {**super()._agent(org, agent), "object": "agent"}  # a field that no page has

    def _call(self, org: Organization, call: Json) -> Json:
        return {**super()._call(org, call), "region": "eu"}  # in JSON and not in the CSV


def test_what_the_pages_leave_open_is_no_finding(document: Path) -> None:
    service = OtherwiseHonest(calls=24)
    with serving(service) as url:
        report = judged(service, url, document, *(SUBJECTS - {"conformance"}))
    assert [f"{each.fingerprint}: {each.message}" for each in report.findings] == []


def test_an_organization_without_a_past_is_no_finding(document: Path) -> None:
    service = Service(calls=0)
    with serving(service) as url:
        report = judged(service, url, document, *(SUBJECTS - {"conformance", "resources", "http"}))
    assert [f"{each.fingerprint}: {each.message}" for each in report.findings] == []
    unjudged = {each.law.code: each.reason for each in report.of(Outcome.UNJUDGED)}
    assert unjudged["ML-303"] == "The organization has no call that is over."


class DropsAField(Service):
    def _call(self, org: Organization, call: Json) -> Json:
        shown = super()._call(org, call)
        del shown["critical_issue_count"]
        return shown


class CountsThePage(Service):
    @staticmethod
    def _page(found: list[Json], wanted: Json) -> Json:
        page = Service._page(found, wanted)
        return {**page, "total": len(page["results"])}


class KeepsWhatIsDeleted(Service):
    def integrations_delete(self, org: Organization, asked: Asked, integration_id: str) -> Reply:
        self._of(org.integrations, integration_id)
        return Reply(204)


class TakesRevokedKeys(Service):
    def organization_of(self, authorization: str) -> Organization:
        for org in self.organizations:
            if authorization.removeprefix("Bearer ") in org.secrets:
                return org
        return super().organization_of(authorization)


class ShowsEverybodysAgents(Service):
    def agents_retrieve(self, org: Organization, asked: Asked, agent_id: int) -> Reply:
        for each in self.organizations:
            if agent_id in each.agents:
                return super().agents_retrieve(each, asked, agent_id)
        raise Refused(404, {"detail": "Not found."})


class ForgetsASnapshot(Service):
    def _snapshot(self, org: Organization, naming: str, thing: Json) -> Json:
        if thing["id"] in org.versions and naming == "agent_id":
            return thing
        return super()._snapshot(org, naming, thing)


@pytest.mark.parametrize(
    ("service", "law", "seen_by"),
    [
        (DropsAField, "ML-103", "ML-308"),
        (CountsThePage, "ML-202", "ML-202"),
        (KeepsWhatIsDeleted, "ML-507", "ML-507"),
        (TakesRevokedKeys, "ML-604", "ML-604"),
        (ShowsEverybodysAgents, "ML-605", "ML-605"),
        (ForgetsASnapshot, "ML-513", "ML-513"),
    ],
)
def test_one_wrong_turn_is_found(service: type[Service], law: str, seen_by: str, document: Path) -> None:
    wrong = service()
    with serving(wrong) as url:
        report = judged(wrong, url, document, law, seen_by)
    assert law in {each.law for each in report.findings}
