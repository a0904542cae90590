"""What a law works with: an organization of the implementation, and the means to make things happen in it."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Flaky
from hypothesis.strategies import SearchStrategy

from .client import Client
from .control import Control
from .document import Document
from .exchange import Exchange
from .finding import Broken, Unjudged
from .options import Options
from .receiver import Inbox, Receiver, until

Json = Any

PATIENCE_STEP_SECONDS = 0.25
LONGEST_MINUTES = 30


@dataclass
class Means:
    """What a whole run shares: the document, the options, and what was found on the way to verdicts."""

    document: Document
    options: Options
    receiver: Receiver | None
    stranger_key: str | None
    broken: list[Broken] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Why parts of a law could not be judged."""
    note_made: Callable[[Exchange], None] = lambda exchange: None
    """Told of what was made by others than the clients, so that it is deleted too."""


class Trial:
    """One organization, as a law sees it: `api` speaks to it, `control` makes calls happen and time pass."""

    def __init__(self, api: Client, means: Means, *, control: Control | None, own: bool = False) -> None:
        self.api = api
        self.means = means
        self.document = means.document
        self.options = means.options
        self.is_own = own
        self._control = control
        self.random = random.Random(means.options.seed)

    # -- means ----------------------------------------------------------------------------------------

    @property
    def control(self) -> Control:
        """The control API. Raises Unjudged where the target has none."""
        if self._control is None:
            raise Unjudged("The target offers no control API, so nothing can be made to happen there.")
        return self._control

    @property
    def has_control(self) -> bool:
        """Whether calls can be made to happen and time moved."""
        return self._control is not None

    def has(self, *operations: str) -> bool:
        """Whether the contract has all of these operations."""
        return all(each in self.document.operations for each in operations)

    def fresh(self, world: str = "empty") -> "Trial":
        """An organization that nobody else uses; on a mock a new one, else this one."""
        if self._control is None:
            return self
        api = self.api.holding(self._control.organization(world))
        return Trial(api, self.means, control=Control(api), own=True)

    def stranger(self) -> Client:
        """Somebody of another organization. Raises Unjudged when no second key is known."""
        if self._control is not None:
            return self.api.holding(self._control.organization("empty"))
        if self.means.stranger_key is None:
            raise Unjudged("It takes a key of another organization: --second-key.")
        return self.api.holding(self.means.stranger_key)

    def inbox(self) -> Inbox:
        """A URL of the suite's own receiver. Raises Unjudged when there is no receiver."""
        if self.means.receiver is None:
            raise Unjudged("It takes a webhook receiver that the target can reach: --webhook-sink URL.")
        return self.means.receiver.inbox()

    # -- judging --------------------------------------------------------------------------------------

    @contextmanager
    def about(self, operation: str | None = None) -> Iterator[None]:
        """Note what is found broken within, or cannot be judged, and go on: one finding must not hide the next."""
        try:
            yield
        except Unjudged as cannot:
            self.means.notes.append(str(cannot))
        except Broken as broken:
            if broken.operation is None:
                broken.operation = operation
            self.means.broken.append(broken)

    def forall(
        self,
        strategy: SearchStrategy[Any],
        check: Callable[[Any], None],
        *,
        times: int | None = None,
        shrink: bool = True,
    ) -> None:
        """`check` each of the values that Hypothesis generates. What is found first is made small, then raised."""
        phases = (Phase.explicit, Phase.generate, *((Phase.shrink,) if shrink else ()))

        @seed(self.options.seed)
        @settings(
            max_examples=self.options.max_examples if times is None else times,
            deadline=None,
            database=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        )
        @given(strategy)
        def judged(value: Any) -> None:
            check(value)

        try:
            judged()
        except Flaky as flaky:
            # The implementation answered differently the second time: what it did first still counts.
            for each in flaky.exceptions if isinstance(flaky, BaseExceptionGroup) else ():
                if isinstance(each, Broken):
                    raise each from None
            raise Broken(f"The same requests were answered differently when repeated: {flaky}") from None

    # -- making things happen -------------------------------------------------------------------------

    def until(self, condition: Callable[[], bool], *, within: float = 120.0, step: float = 5.0) -> bool:
        """Whether `condition` comes true within so many seconds, of world time where that can be moved."""
        if self._control is None:
            return until(condition, min(within, self.options.patience))
        passed = 0.0
        while not condition():
            if passed >= within:
                return False
            self._control.advance(step)
            passed += step
        return True

    def settle(self) -> None:
        """Let everything that has begun come to its end."""
        self.control.settle()

    def agent(self, **fields: Json) -> Json:
        """A new agent."""
        body = {"name": "Contract suite", "prompt": "Be brief.", "voice": "en-US-James1", **fields}
        return self.api.ok("agents_create", json=body)

    def number(self, **wanted: Json) -> Json:
        """A new demo number. Raises Unjudged where the organization has as many as it may have."""
        if not self.is_own and self.has("phone_numbers_limits_list"):
            limits = self.api.ok("phone_numbers_limits_list")
            if limits["platform_numbers_used"] >= limits["max_platform_numbers"]:
                raise Unjudged("The organization has as many demo numbers as it may have: release some.")
        return self.api.ok("phone_numbers_create", json=wanted)

    def place(self, **wanted: Any) -> int:
        """A call begins, by the control API: `direction`, `scenario`, `agent_id` …; its id."""
        if "agent_id" not in wanted and wanted.get("direction", "inbound") != "inbound":
            wanted["agent_id"] = self.agent()["id"]
        return self.control.place(**wanted)

    def line(self, **assigned: Json) -> Json:
        """A phone number that is active and has an agent for incoming calls."""
        number = self.number()
        self.settle()
        agent_id = assigned.pop("inbound_agent_id", None) or self.agent()["id"]
        return self.api.ok(
            "phone_numbers_partial_update",
            phone_number_id=number["id"],
            json={"inbound_agent_id": agent_id, **assigned},
        )

    def caller_line(self) -> Json:
        """A verified VoIP number, which may call out, with an agent for both directions."""
        tested = self.api.ok(
            "voip_connections_test_create",
            json={
                "provider": "telnyx",
                "credentials": {"apiKey": "KEY01"},
                "sip_config": {"domain": "sip.example.com"},
            },
        )
        connection = self.api.ok(
            "voip_connections_create",
            json={
                "provider": "telnyx",
                "verification_evidence_id": tested["verification_evidence_id"],
                "credentials": {"apiKey": "KEY01"},
                "sip_config": {"domain": "sip.example.com"},
            },
        )
        number = f"+1415{self.random.randrange(2_000_000, 9_999_999)}"[:-2] + "17"
        imported = self.api.ok(
            "voip_connections_import_numbers", connection_id=connection["id"], json={"numbers": [number]}
        )["results"][0]
        self.api.ok("phone_numbers_verify_voip", phone_number_id=imported["id"])
        self.settle()
        agent_id = self.agent()["id"]
        return self.api.ok(
            "phone_numbers_partial_update",
            phone_number_id=imported["id"],
            json={"inbound_agent_id": agent_id, "outbound_agent_id": agent_id},
        )

    def ended_call(self, **wanted: Any) -> Json:
        """A call that has come to its end, graded as far as it will be."""
        if wanted.get("direction", "inbound") == "inbound" and "to_number" not in wanted:
            wanted["to_number"] = self.line()["number"]
        call_id = self.place(**wanted)
        self.settle()
        return self.api.ok("calls_retrieve", call_id=call_id)

    def furnish(self) -> None:
        """Calls of every kind, all over: what a history without them would leave unseen."""
        if not self.has("phone_numbers_create", "agents_create", "calls_list"):
            self.settle()
            return
        line = self.line()
        for scenario in ("refund-with-tool", "tool-failure", "transfer", "abandoned"):
            self.place(to_number=line["number"], scenario=scenario)
            self.control.advance(1)
        voip = [
            each for each in self.api.ok("phone_numbers_list") if each["voip_verification_status"] == "verified"
        ]
        for number in voip[:1] if self.has("calls_place") else ():
            for to in ("+14155550001", "+14155550002", "+14155550142"):  # busy, no answer, and somebody
                self.api.ok("calls_place", json={"from_number": number["number"], "to_number": to})
                self.control.advance(1)
        agent = self.agent(product="bolt")
        for direction, scenario, test in (
            ("mic", "interruption", False),
            ("mic", "support-question", True),
            ("widget", "refund-with-tool", False),
            ("widget", "browser-session", True),
        ):
            self.place(direction=direction, agent_id=agent["id"], scenario=scenario, is_test_call=test)
            self.control.advance(1)
        for count in (
            (20, 20, 15) if self.has("test_call_batches_create") else ()
        ):  # more than a page has by default
            body = {
                "target_type": "agent",
                "target_id": agent["id"],
                "consent_to_charge": True,
                "run_count": count,
            }
            prompts = ["scenario:abandoned", "scenario:busy"]
            self.api.ok(
                "test_call_batches_create", json={**body, "stagger_seconds": 1, "scenario_prompts": prompts}
            )
        self.settle()

    def turns(self, *said: Mapping[str, Json], reason: str = "caller_hangup", **more: Json) -> Json:
        """A scenario of one's own: what is said, and how it ends."""
        spoken = said or ({"assistant": "Hello, how can I help?"}, {"user": "Where is my parcel?"})
        return {"turns": list(spoken), "ends": {"reason": reason}, **more}

    # -- reading --------------------------------------------------------------------------------------

    def calls(self, *, most: int = 400, **filters: Json) -> list[Json]:
        """Every call that a filter finds, page by page, at most `most`."""
        found: list[Json] = []
        while len(found) < most:
            page = self.api.ok("calls_list", limit=200, offset=len(found), **filters)
            found += page["results"]
            if not page["results"] or len(found) >= page["total"]:
                break
        return found

    def some(self, values: Sequence[Any], count: int) -> list[Any]:
        """So many of the values, by chance; the same ones in every run of a seed."""
        return list(values) if len(values) <= count else self.random.sample(list(values), count)

    def a_call(self, status: str = "completed") -> Json:
        """A call that is there. Raises Unjudged when there is none."""
        found = self.api.ok("calls_list", limit=1, status=status)["results"]
        if not found:
            raise Unjudged(f"The organization has no {status} call to look at.")
        return found[0]
