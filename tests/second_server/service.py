"""The second server's operations: what each answers, for the organization of the key that asks."""

import csv
import hashlib
import hmac
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any
from urllib.parse import parse_qsl
from uuid import NAMESPACE_URL, uuid5

import lameenc

from . import forms, past
from .forms import Field, Refused, text, word

Json = Any

LARGEST_BODY = 1_000_000
TIERS = tuple(past.CENTS)
HIGHEST_ID = 2**63 - 1
AGENT = {
    "name": Field(text(1, 255), required=True),
    "prompt": Field(text(1), required=True),
    "voice": Field(text(1), required=True),
    "product": Field(word(*TIERS), default=lambda: "spark"),
    "thinking_level": Field(word("base", "extra"), default=lambda: "base"),
    "background_track": Field(text(null=True)),
    "acknowledgement_prompt_mode": Field(word("auto", "manual"), default=lambda: "auto"),
    "acknowledgement_prompt": Field(text(null=True)),
    "inbound_speak_order": Field(word("agent_first", "caller_first"), default=lambda: "agent_first"),
    "outbound_speak_order": Field(word("agent_first", "caller_first"), default=lambda: "agent_first"),
    "max_hold_seconds": Field(forms.whole(0, 3600, null=True)),
    "integration_ids": Field(forms.many(forms.uuid), default=list),
    "tools": Field(forms.many(forms.anything), default=list),
    "widget_enabled": Field(forms.flag, default=lambda: True),
}
FUNCTION = forms.record(
    name=Field(text(1), required=True),
    description=Field(text()),
    parameters=Field(forms.anything),
    strict=Field(lambda value: None if value is None else forms.flag(value)),
)
HEADER = forms.record(
    key=Field(text(1, 255, pattern=r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"), required=True),
    value=Field(text(0, 4096, pattern=r"[\x20-\x7e]*"), required=True),
)
INTEGRATION = {
    "display_name": Field(text(1, 255), required=True),
    "spec": Field(
        forms.record(type=Field(word("function"), required=True), function=Field(FUNCTION, required=True)),
        required=True,
    ),
    "endpoint_url": Field(text(0, 2000), default=str),
    "endpoint_method": Field(word("GET", "POST", "PUT", "PATCH", "DELETE"), default=lambda: "POST"),
    "headers": Field(forms.many(HEADER), default=list),
    "wizard_input": Field(text(null=True)),
}
LABEL = {
    "phone_number": Field(text(pattern=r"\+[1-9][0-9]{1,14}"), required=True),
    "label": Field(text(1, 100), required=True),
}
REPORT = {
    "title": Field(text(1, 120), required=True),
    "severity": Field(word("info", "warning", "critical"), required=True),
    "description": Field(text(), default=str),
}
PAGE = {
    "limit": Field(forms.number_in_query(1, 200), default=lambda: 50),
    "offset": Field(forms.number_in_query(0, 2**53 - 1), default=lambda: 0),
}
SPAN = {"start_date": Field(forms.moment), "end_date": Field(forms.moment)}
AN_AGENT = Field(forms.number_in_query(-HIGHEST_ID - 1, HIGHEST_ID))
CALL_FILTERS = {
    "agent_id": AN_AGENT,
    "direction": Field(word("inbound", "outbound", "mic", "widget")),
    "status": Field(word("in_progress", "completed", "failed")),
    "from_number": Field(text()),
    "to_number": Field(text()),
}
REPORT_FILTERS = {
    "severity": Field(word("info", "warning", "critical")),
    "status": Field(word("open", "acknowledged", "resolved")),
    "source": Field(word("user", "system")),
}
VOICES = (
    ("en-US-James1", "James", "male", "conversational", ["en"], "American"),
    ("en-GB-Ada2", "Ada", "female", "narration", ["en", "fr"], "British"),
    ("es-MX-Lupe1", "Lupe", "female", "conversational", ["es", "en"], None),
    ("de-DE-Kim3", "Kim", "neutral", "standard", ["de"], None),
)
LANGUAGES = {"en": "English", "fr": "French", "es": "Spanish", "de": "German"}


@dataclass(frozen=True)
class Reply:
    """A status, what it says (text, bytes or JSON; None for nothing), and headers."""

    status: int
    said: Json = None
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def body(self) -> bytes:
        """What goes over the wire."""
        if self.said is None:
            return b""
        return self.said if isinstance(self.said, bytes) else json.dumps(self.said).encode()


@dataclass(frozen=True)
class Asked:
    """One request, before anybody has looked at it; header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The parameters of the query, in order."""
        return parse_qsl(self.query, keep_blank_values=True)


@dataclass
class Organization:
    """One tenant and all that is its own."""

    id: int
    name: str
    created_at: str
    updated_at: str
    owner: Json
    lived: past.Past = field(default_factory=past.Past)
    agents: dict[int, Json] = field(default_factory=dict)
    integrations: dict[str, Json] = field(default_factory=dict)
    versions: dict[Json, list[Json]] = field(default_factory=dict)
    labels: dict[str, Json] = field(default_factory=dict)
    keys: dict[str, Json] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    """Key ids by the key itself."""


class Service:
    """The API, over two organizations with a key each. `keys` are those keys."""

    def __init__(self, calls: int = 60) -> None:
        self._ids = count(1_001)
        self._ticks = count(1)
        self._began = datetime.now(UTC)  # noqa: TID251 -- exports are named after the real day
        self.organizations: list[Organization] = []
        self.keys: list[str] = []
        for number, name in ((7, "Parcel service"), (8, "Flower shop")):
            self._found(number, name, calls if number == 7 else 3)

    def _found(self, number: int, name: str, calls: int) -> None:
        owner: Json = {
            "id": 90 + number,
            "email": f"owner{number}@example.com",
            "first_name": "Ines",
            "last_name": "",
            "role": "owner",
            "created_at": past.stamp(past.FIRST - timedelta(days=2)),
        }
        created = past.stamp(past.FIRST - timedelta(days=1))
        org = Organization(number, name, created, created, owner)
        self.organizations.append(org)
        for tier in ("spark", "storm-extra"):
            self._make_agent(
                org, {"name": f"Desk {tier}", "prompt": "Be brief.", "voice": "en-US-James1", "product": tier}
            )
        org.lived = past.lived(number, list(org.agents.values()), owner["id"], calls)
        self.keys.append(self._make_key(org, "First key")["key"])

    # -- what every request goes through ---------------------------------------------------------------

    def answer(self, asked: Asked) -> Reply:
        """Answer one request, whatever it is."""
        try:
            return self._answer(asked)
        except Refused as refused:
            return Reply(refused.status, refused.told, headers=refused.headers)

    def _answer(self, asked: Asked) -> Reply:
        if asked.path.startswith("/recordings/"):
            return self._recording(asked)
        method = "GET" if asked.method == "HEAD" else asked.method
        here = [(each, found) for each in ROUTES if (found := each.matched(asked.path))]
        if not here:
            raise Refused(404, {"detail": "Not found."})
        # A path without parameters goes before one with: /v1/calls/export is no call.
        here.sort(key=lambda each: len(each[1].groupdict()))
        best = [each for each in here if len(each[1].groupdict()) == len(here[0][1].groupdict())]
        route, found = next((each for each in best if each[0].method == method), (None, None))
        if route is None or found is None:
            allowed = ", ".join(sorted({each.method for each, _ in best}))
            raise Refused(405, {"detail": f'Method "{asked.method}" not allowed.'}, Allow=allowed)
        if route.open:
            return Reply(200, {"ok": True})
        org = self.organization_of(asked.headers.get("authorization", ""))
        path = {name: self._id(name, text) for name, text in found.groupdict().items()}
        said = self._said(asked, route) if route.fields is not None else None
        answer: Callable[..., Reply] = getattr(self, route.operation)
        arguments = {"asked": asked, **path, **({} if said is None else {"said": said})}
        return answer(org, **arguments)

    def organization_of(self, authorization: str) -> Organization:
        """Whose key this is. Raises Refused for what is no key in use."""
        scheme, _, key = authorization.partition(" ")
        for org in self.organizations:
            key_id = org.secrets.get(key)
            if scheme.lower() == "bearer" and key_id is not None and org.keys[key_id]["is_active"]:
                org.keys[key_id]["last_used_at"] = self._now()
                return org
        told = "Invalid API key." if authorization else "Authentication credentials were not provided."
        raise Refused(401, {"detail": told}, WWW_Authenticate="Bearer")

    @staticmethod
    def _id(name: str, written: str) -> Json:
        try:
            if name in ("key_id", "integration_id"):
                return forms.uuid(written)
            return forms.number_in_query(-HIGHEST_ID - 1, HIGHEST_ID)(written)
        except forms.Wrong as why:
            raise Refused(400, {name: [str(why)]}) from None

    @staticmethod
    def _said(asked: Asked, route: "Route") -> dict[str, Json]:
        if len(asked.body) > LARGEST_BODY:
            raise Refused(413, {"detail": "The body is too large."})
        if not asked.body and not route.needs_body:
            return forms.body(b"{}", route.fields or {}, partial=route.partial)
        media_type = asked.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json" and (asked.body or media_type):
            raise Refused(415, {"detail": f'Unsupported media type "{media_type}" in request.'})
        return forms.body(asked.body, route.fields or {}, partial=route.partial)

    def _now(self) -> str:
        """Each look at the clock is a little later than the last."""
        return past.stamp(self._moment(next(self._ticks)))

    def _moment(self, tick: int) -> datetime:
        return self._began + timedelta(milliseconds=7 * tick)

    # -- agents ----------------------------------------------------------------------------------------

    def agents_list(self, org: Organization, asked: Asked) -> Reply:
        return Reply(200, [self._agent(org, each) for each in org.agents.values()])

    def agents_create(self, org: Organization, asked: Asked, said: Json) -> Reply:
        return Reply(201, self._make_agent(org, said))

    def _make_agent(self, org: Organization, said: Json) -> Json:
        full = {name: said.get(name, each.default()) for name, each in AGENT.items()}
        self._sensible(full, 400)
        self._linkable(org, full)
        now = self._now()
        agent = {"id": next(self._ids), **self._tiered(full), "created_at": now, "updated_at": now}
        org.agents[agent["id"]] = agent
        return self._snapshot(org, "agent_id", self._agent(org, agent))

    def agents_retrieve(self, org: Organization, asked: Asked, agent_id: int) -> Reply:
        return Reply(200, self._agent(org, self._of(org.agents, agent_id)))

    def agents_update(self, org: Organization, asked: Asked, agent_id: int, said: Json) -> Reply:
        agent = self._of(org.agents, agent_id)
        self._sensible(said, 400)
        return self._changed_agent(org, agent, said)

    def agents_partial_update(self, org: Organization, asked: Asked, agent_id: int, said: Json) -> Reply:
        agent = self._of(org.agents, agent_id)
        prompt, mode = said.get("acknowledgement_prompt"), said.get("acknowledgement_prompt_mode")
        manual = {"acknowledgement_prompt": "x", "acknowledgement_prompt_mode": "manual", "product": TIERS[-1]}
        if prompt is not None or mode == "manual":
            self._sensible({**manual, **said}, 400)
        self._sensible({**agent, **said}, 409)
        return self._changed_agent(org, agent, said)

    def _changed_agent(self, org: Organization, agent: Json, said: Json) -> Reply:
        self._linkable(org, said)
        if any(agent[name] != value for name, value in said.items()):
            agent.update(self._tiered({**agent, **said}), updated_at=self._now())
            self._snapshot(org, "agent_id", self._agent(org, agent))
        return Reply(200, self._agent(org, agent))

    def agents_delete(self, org: Organization, asked: Asked, agent_id: int) -> Reply:
        self._of(org.agents, agent_id)
        del org.agents[agent_id]
        return Reply(204)

    def agents_duplicate(self, org: Organization, asked: Asked, agent_id: int, said: Json) -> Reply:
        original = self._of(org.agents, agent_id)
        return Reply(201, self._make_agent(org, {**original, **{k: v for k, v in said.items() if v is not None}}))

    def agents_versions_list(self, org: Organization, asked: Asked, agent_id: int) -> Reply:
        self._of(org.agents, agent_id)
        return Reply(200, org.versions[agent_id][::-1])

    @staticmethod
    def _sensible(agent: Json, status: int) -> None:
        """A prompt, the mode manual and a Storm tier go together. Raises Refused where one lacks the others."""
        manual, prompt = agent["acknowledgement_prompt_mode"] == "manual", agent["acknowledgement_prompt"]
        if not manual and prompt is None:
            return
        if manual and prompt and agent["product"].startswith("storm"):
            return
        told = "A prompt, the mode manual and a Storm tier go together."
        raise Refused(status, {"detail": told} if status == 409 else {"acknowledgement_prompt": [told]})

    @staticmethod
    def _tiered(agent: Json) -> Json:
        if agent["product"].startswith("storm"):
            return {**agent, "thinking_level": agent["product"].split("-")[1]}
        return agent

    def _linkable(self, org: Organization, agent: Json) -> None:
        for each in agent.get("integration_ids", ()):
            self._of(org.integrations, each)

    def _agent(self, org: Organization, agent: Json) -> Json:
        shown = {name: value for name, value in agent.items() if name != "integration_ids"}
        linked = dict.fromkeys(agent["integration_ids"])
        return {**shown, "integrations": [org.integrations[each] for each in linked]}

    # -- integrations ----------------------------------------------------------------------------------

    def integrations_list(self, org: Organization, asked: Asked) -> Reply:
        return Reply(200, list(org.integrations.values()))

    def integrations_create(self, org: Organization, asked: Asked, said: Json) -> Reply:
        now = self._now()
        made = {
            "id": self._uuid(),
            **said,
            "validation_status": "untested",
            "created_at": now,
            "updated_at": now,
        }
        org.integrations[made["id"]] = made
        return Reply(201, self._snapshot(org, "integration_id", made))

    def integrations_retrieve(self, org: Organization, asked: Asked, integration_id: str) -> Reply:
        return Reply(200, self._of(org.integrations, integration_id))

    def integrations_partial_update(
        self, org: Organization, asked: Asked, integration_id: str, said: Json
    ) -> Reply:
        one = self._of(org.integrations, integration_id)
        if any(one[name] != value for name, value in said.items()):
            one.update(said, updated_at=self._now())
            self._snapshot(org, "integration_id", one)
        return Reply(200, one)

    def integrations_delete(self, org: Organization, asked: Asked, integration_id: str) -> Reply:
        self._of(org.integrations, integration_id)
        for agent in org.agents.values():
            kept = [each for each in agent["integration_ids"] if each != integration_id]
            if kept != agent["integration_ids"]:
                agent.update(integration_ids=kept, updated_at=self._now())
                self._snapshot(org, "agent_id", self._agent(org, agent))
        del org.integrations[integration_id]
        return Reply(204)

    def integrations_versions_list(self, org: Organization, asked: Asked, integration_id: str) -> Reply:
        self._of(org.integrations, integration_id)
        return Reply(200, org.versions[integration_id][::-1])

    # -- labels and keys -------------------------------------------------------------------------------

    def phone_number_labels_list(self, org: Organization, asked: Asked) -> Reply:
        return Reply(200, sorted(org.labels.values(), key=lambda each: str(each["phone_number"])))

    def phone_number_labels_create(self, org: Organization, asked: Asked, said: Json) -> Reply:
        now = self._now()
        label = org.labels.setdefault(said["phone_number"], {"id": next(self._ids), **said, "created_at": now})
        label.update(said, updated_at=now)
        return Reply(200, label)

    def phone_number_labels_delete(self, org: Organization, asked: Asked, label_id: int) -> Reply:
        label = self._of({each["id"]: each for each in org.labels.values()}, label_id)
        del org.labels[label["phone_number"]]
        return Reply(204)

    def developer_api_keys_list(self, org: Organization, asked: Asked) -> Reply:
        return Reply(200, list(org.keys.values())[::-1])

    def developer_api_keys_create(self, org: Organization, asked: Asked, said: Json) -> Reply:
        return Reply(201, self._make_key(org, said["name"]))

    def _make_key(self, org: Organization, name: str) -> Json:
        key_id = self._uuid()
        key = "sk_live_" + hashlib.sha256(f"key {key_id}".encode()).hexdigest()[:32]
        org.secrets[key] = key_id
        org.keys[key_id] = {
            "id": key_id,
            "name": name,
            "key_prefix": key[:15],
            "is_active": True,
            "created_at": self._now(),
            "last_used_at": None,
            "revoked_at": None,
        }
        return {**org.keys[key_id], "key": key}

    def developer_api_keys_delete(self, org: Organization, asked: Asked, key_id: str) -> Reply:
        key = self._of(org.keys, key_id)
        if not key["is_active"]:
            raise Refused(404, {"detail": "Not found."})
        key.update(is_active=False, revoked_at=self._now())
        return Reply(204)

    # -- calls -----------------------------------------------------------------------------------------

    def calls_list(self, org: Organization, asked: Asked) -> Reply:
        wanted = forms.query(asked.pairs, PAGE | CALL_FILTERS | SPAN)
        found = [self._call(org, each) for each in reversed(org.lived.calls)]
        found = [each for each in found if self._matches(each, wanted, CALL_FILTERS, "start_time")]
        return Reply(200, self._page(found, wanted))

    def calls_export_list(self, org: Organization, asked: Asked) -> Reply:
        kinds = {"export_format": Field(word("csv", "json"), required=True)}
        kind = forms.query(asked.pairs, kinds)["export_format"]
        calls = [self._call(org, each) for each in reversed(org.lived.calls) if each["status"] == "completed"]
        name = f"calls-export-{self._now()[:10]}.{kind}"
        saved = {"Content-Disposition": f'attachment; filename="{name}"'}
        if kind == "json":
            rows = [{**each, "transcripts": self._transcript(org, each["call_id"])} for each in calls[:1000]]
            return Reply(200, {"calls": rows}, headers=saved)
        lines = io.StringIO()
        writer = csv.DictWriter(lines, past.COLUMNS, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(
            {key: str(value).lower() if isinstance(value, bool) else value for key, value in each.items()}
            for each in calls[:1000]
        )
        return Reply(200, lines.getvalue().encode(), "text/csv; charset=utf-8", saved)

    def calls_retrieve(self, org: Organization, asked: Asked, call_id: int) -> Reply:
        return Reply(200, self._call(org, self._past_call(org, call_id)))

    def calls_audio_list(self, org: Organization, asked: Asked, call_id: int) -> Reply:
        if self._past_call(org, call_id)["recording_url"] is None:
            raise Refused(404, {"detail": "There is no recording."})
        path, expires = f"/recordings/{call_id}.mp3", 900_000 // 7 + next(self._ticks)
        signed = f"{path}?expires={expires}&signature={_signature(path, str(expires))}"
        return Reply(200, {"url": f"http://{asked.headers['host']}{signed}"})

    def calls_transcript_list(self, org: Organization, asked: Asked, call_id: int) -> Reply:
        self._past_call(org, call_id)
        return Reply(200, {"call_id": call_id, "transcripts": self._transcript(org, call_id)})

    def calls_history_list(self, org: Organization, asked: Asked, call_id: int) -> Reply:
        self._past_call(org, call_id)
        return Reply(200, org.lived.histories[call_id])

    def calls_grade_list(self, org: Organization, asked: Asked, call_id: int) -> Reply:
        self._past_call(org, call_id)
        return Reply(200, self._of(org.lived.grades, call_id))

    def calls_issue_reports_list(self, org: Organization, asked: Asked, call_id: int) -> Reply:
        self._past_call(org, call_id)
        return Reply(200, [each for each in _newest(org.lived.reports) if each["call_id"] == call_id])

    def calls_issue_reports(self, org: Organization, asked: Asked, call_id: int, said: Json) -> Reply:
        self._past_call(org, call_id)
        when = self._moment(next(self._ticks))
        number = len(org.lived.reports)
        filed = past.report(org.id, number, call_id, when, said["title"], said["severity"])
        filed |= {"description": said["description"], "reported_by_id": org.owner["id"]}
        org.lived.reports.append(filed)
        return Reply(201, filed)

    def issue_reports_list(self, org: Organization, asked: Asked) -> Reply:
        wanted = forms.query(asked.pairs, PAGE | REPORT_FILTERS | SPAN | {"agent_id": AN_AGENT})
        agents = {each["call_id"]: each["agent_id"] for each in org.lived.calls}
        found = [
            each
            for each in _newest(org.lived.reports)
            if self._matches(each, wanted, REPORT_FILTERS, "created_at")
            and wanted["agent_id"] in (None, agents[each["call_id"]])
        ]
        return Reply(200, self._page(found, wanted)["results"])

    def _past_call(self, org: Organization, call_id: int) -> Json:
        return self._of({each["call_id"]: each for each in org.lived.calls}, call_id)

    def _call(self, org: Organization, call: Json) -> Json:
        own = [each for each in org.lived.reports if each["call_id"] == call["call_id"]]
        critical = sum(each["severity"] == "critical" for each in own)
        return {**call, "issue_count": len(own), "critical_issue_count": critical}

    @staticmethod
    def _transcript(org: Organization, call_id: int) -> list[Json]:
        return past.transcript(org.lived.histories[call_id])

    def _recording(self, asked: Asked) -> Reply:
        """An MP3 file, to whoever has its signed address, in parts if they like."""
        found = re.fullmatch(r"/recordings/(\d+)\.mp3", asked.path)
        signed = dict(asked.pairs)
        expires = signed.get("expires", "")
        good = hmac.compare_digest(signed.get("signature", ""), _signature(asked.path, expires))
        if not found or not good or int(expires) < next(self._ticks):
            raise Refused(403, {"detail": "The address is not signed, or no longer."})
        calls = {each["call_id"]: each for org in self.organizations for each in org.lived.calls}
        entire = _silence(calls[int(found[1])]["duration_seconds"])
        part = re.fullmatch(r"bytes=(\d+)-(\d+)", asked.headers.get("range", ""))
        if part is None:
            return Reply(200, entire, "audio/mpeg")
        first, last = int(part[1]), min(int(part[2]), len(entire) - 1)
        where = {"Content-Range": f"bytes {first}-{last}/{len(entire)}"}
        return Reply(206, entire[first : last + 1], "audio/mpeg", where)

    # -- the rest --------------------------------------------------------------------------------------

    def billing_list(self, org: Organization, asked: Asked) -> Reply:
        balance = sum(each["amount_cents"] for each in org.lived.transactions)
        account = {
            "balance_cents": balance,
            "balance_usd": past.dollars(balance),
            "currency": "usd",
            "auto_reload_enabled": False,
            "auto_reload_minimum_cents": 0,
            "auto_reload_amount_cents": 0,
            "auto_reload_monthly_limit_cents": None,
            "has_payment_method": True,
        }
        return Reply(200, account)

    def billing_transactions_list(self, org: Organization, asked: Asked) -> Reply:
        return Reply(200, self._page(org.lived.transactions[::-1], forms.query(asked.pairs, PAGE)))

    def voices_list(self, org: Organization, asked: Asked) -> Reply:
        wanted = forms.query(
            asked.pairs, {name: Field(text(), default=str) for name in ("languages", "category", "gender")}
        )
        spoken = {each for each in wanted["languages"].split(",") if each}
        names = ("id", "name", "gender", "category", "languages", "accent")
        voices: list[Json] = [
            {**dict(zip(names, each, strict=True)), "description": f"{each[1]} speaks."} for each in VOICES
        ]
        for name in ("category", "gender"):
            voices = [each for each in voices if wanted[name] in ("", each[name])]
        voices = [each for each in voices if spoken <= {*each["languages"]}]
        counted = {code: sum(code in each["languages"] for each in voices) for code in LANGUAGES}
        languages = [
            {"code": code, "name": LANGUAGES[code], "voice_count": much} for code, much in counted.items() if much
        ]
        return Reply(200, {"voices": voices, "languages": languages})

    def orgs_list(self, org: Organization, asked: Asked) -> Reply:
        return Reply(200, [self._org(org)])

    def orgs_retrieve(self, org: Organization, asked: Asked, org_id: int) -> Reply:
        return Reply(200, self._org(self._of({org.id: org}, org_id)))

    def orgs_partial_update(self, org: Organization, asked: Asked, org_id: int, said: Json) -> Reply:
        self._of({org.id: org}, org_id)
        org.name, org.updated_at = said.get("name", org.name), self._now()
        return Reply(200, self._org(org))

    @staticmethod
    def _org(org: Organization) -> Json:
        times = {"created_at": org.created_at, "updated_at": org.updated_at}
        return {"id": org.id, "name": org.name, "role": "owner", **times}

    def members_list(self, org: Organization, asked: Asked) -> Reply:
        return Reply(200, [org.owner])

    # -- what several use ------------------------------------------------------------------------------

    @staticmethod
    def _of(things: Mapping[Any, Any], wanted: Json) -> Any:
        if wanted not in things:
            raise Refused(404, {"detail": "Not found."})
        return things[wanted]

    def _snapshot(self, org: Organization, naming: str, thing: Json) -> Json:
        versions = org.versions.setdefault(thing["id"], [])
        versions.append(
            {
                "id": next(self._ids),
                naming: thing["id"],
                "version": len(versions) + 1,
                "snapshot": deepcopy(thing),
                "created_at": thing["updated_at"],
            }
        )
        return thing

    def _uuid(self) -> str:
        return str(uuid5(NAMESPACE_URL, str(next(self._ids))))

    @staticmethod
    def _matches(item: Json, wanted: Json, filters: Iterable[str], dated: str) -> bool:
        when = datetime.fromisoformat(item[dated])
        return (
            all(wanted[name] in (None, item[name]) for name in filters)
            and (wanted["start_date"] is None or when >= wanted["start_date"])
            and (wanted["end_date"] is None or when <= wanted["end_date"])
        )

    @staticmethod
    def _page(found: list[Json], wanted: Json) -> Json:
        limit, offset = wanted["limit"], wanted["offset"]
        return {
            "results": found[offset : offset + limit],
            "total": len(found),
            "limit": limit,
            "offset": offset,
        }


def _newest(reports: list[Json]) -> list[Json]:
    return sorted(reports, key=lambda each: (each["created_at"], each["id"]), reverse=True)


def _signature(path: str, expires: str) -> str:
    return hmac.new(b"second", f"{path} {expires}".encode(), "sha256").hexdigest()


@cache
def _silence(seconds: int) -> bytes:
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_bit_rate(8)
    encoder.set_in_sample_rate(8000)
    encoder.set_channels(1)
    encoder.set_quality(9)
    return bytes(encoder.encode(bytes(2 * 8000 * seconds)) + encoder.flush())


@dataclass(frozen=True)
class Route:
    """One operation: its method, its path, and the fields of its body (None for one without)."""

    operation: str
    method: str
    path: str
    fields: Mapping[str, Field] | None = None
    partial: bool = False
    needs_body: bool = True
    open: bool = False

    def matched(self, path: str) -> "re.Match[str] | None":
        """The parameters of a path of this form, or None."""
        return re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path), path)


AN = "/v1/agents/{agent_id}"
IN = "/v1/integrations/{integration_id}"
CALL = "/v1/calls/{call_id}"
ROUTES = (
    Route("healthz_list", "GET", "/v1/healthz", open=True),
    Route("agents_list", "GET", "/v1/agents"),
    Route("agents_create", "POST", "/v1/agents", AGENT),
    Route("agents_retrieve", "GET", AN),
    Route("agents_update", "PUT", AN, AGENT),
    Route("agents_partial_update", "PATCH", AN, AGENT, partial=True),
    Route("agents_delete", "DELETE", AN),
    Route("agents_duplicate", "POST", AN + "/duplicate", {"name": Field(text(1, 255))}, needs_body=False),
    Route("agents_versions_list", "GET", AN + "/versions"),
    Route("integrations_list", "GET", "/v1/integrations"),
    Route("integrations_create", "POST", "/v1/integrations", INTEGRATION),
    Route("integrations_retrieve", "GET", IN),
    Route("integrations_partial_update", "PATCH", IN, INTEGRATION, partial=True),
    Route("integrations_delete", "DELETE", IN),
    Route("integrations_versions_list", "GET", IN + "/versions"),
    Route("phone_number_labels_list", "GET", "/v1/phone-number-labels"),
    Route("phone_number_labels_create", "POST", "/v1/phone-number-labels", LABEL),
    Route("phone_number_labels_delete", "DELETE", "/v1/phone-number-labels/{label_id}"),
    Route("developer_api_keys_list", "GET", "/v1/developer/api-keys"),
    Route(
        "developer_api_keys_create",
        "POST",
        "/v1/developer/api-keys",
        {"name": Field(text(1, 120), default=lambda: "Default key")},
        needs_body=False,
    ),
    Route("developer_api_keys_delete", "DELETE", "/v1/developer/api-keys/{key_id}"),
    Route("calls_list", "GET", "/v1/calls"),
    Route("calls_export_list", "GET", "/v1/calls/export"),
    Route("calls_retrieve", "GET", CALL),
    Route("calls_audio_list", "GET", CALL + "/audio"),
    Route("calls_transcript_list", "GET", CALL + "/transcript"),
    Route("calls_history_list", "GET", CALL + "/history"),
    Route("calls_grade_list", "GET", CALL + "/grade"),
    Route("calls_issue_reports_list", "GET", CALL + "/issue-reports"),
    Route("calls_issue_reports", "POST", CALL + "/issue-reports", REPORT),
    Route("issue_reports_list", "GET", "/v1/issue-reports"),
    Route("billing_list", "GET", "/v1/billing"),
    Route("billing_transactions_list", "GET", "/v1/billing/transactions"),
    Route("voices_list", "GET", "/v1/voices"),
    Route("orgs_list", "GET", "/v1/orgs/"),
    Route("orgs_retrieve", "GET", "/v1/orgs/{org_id}/"),
    Route(
        "orgs_partial_update", "PATCH", "/v1/orgs/{org_id}/", {"name": Field(text(1, 120), required=True)}, True
    ),
    Route("members_list", "GET", "/v1/members"),
)
