"""Calls: recording, transcript, history, grading, issue reports."""

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import Conflict, NotFound
from mockserver.lifecycles import calls, conversations, extractions, grades, recordings, reports
from mockserver.simulation import views
from mockserver.world.store import Document
from mockserver.world.world import World


def calls_audio_list(world: World, inputs: Inputs) -> Reply:
    """A signed URL of the recording, once there is one."""
    return Reply({"url": _recording(world, inputs)})


def calls_caller_audio_list(world: World, inputs: Inputs) -> Reply:
    """The way to the recording. The mock keeps one recording of a call, in which the caller is heard as well."""
    return Reply(None, status=302, headers={"Location": _recording(world, inputs)})


def calls_span_audio_list(world: World, inputs: Inputs) -> Reply:
    """The way to the recording. The mock keeps one recording of a call, not one of each stretch of speech."""
    return Reply(None, status=302, headers={"Location": _recording(world, inputs)})


def calls_transcript_list(world: World, inputs: Inputs) -> Reply:
    """What was said; while the call is in progress, what has been said so far."""
    call = _call(world, inputs)
    spoken = conversations.of(world, call["call_id"])
    rows = views.transcript(spoken, until_ms=conversations.said_until(world, call))
    return Reply({"call_id": call["call_id"], "transcripts": rows})


def calls_history_list(world: World, inputs: Inputs) -> Reply:
    """Everything that happened in the call, or has so far."""
    call = _call(world, inputs)
    spoken = conversations.of(world, call["call_id"])
    return Reply(views.history(spoken, until_ms=conversations.said_until(world, call)))


def calls_grade_list(world: World, inputs: Inputs) -> Reply:
    """The newest grade."""
    grade = grades.latest(world, _call(world, inputs))
    if grade is None:
        raise NotFound("Not found: this call has not been graded.")
    return Reply(grade)


def calls_grade(world: World, inputs: Inputs) -> Reply:
    """A new pending grade; without `force`, the recent one if there is one."""
    call = _ended(world, inputs)
    latest = grades.latest(world, call)
    if latest is not None and grades.is_recent(world, latest.document) and not inputs.query.get("force", False):
        return Reply(latest)
    return Reply(grades.regrade(world, call["call_id"]))


def calls_grade_now(world: World, inputs: Inputs) -> Reply:
    """A grade that is done (201); without `force`, the one that was begun in the last 15 minutes (200)."""
    call = _ended(world, inputs)
    latest = grades.latest(world, call)
    if latest is not None and not inputs.query.get("force", False):
        if latest.document["status"] == "pending":
            grades.finish(world, call["call_id"], int(latest.id))
            return Reply(grades.latest(world, _call(world, inputs)), status=200)
        if grades.is_recent(world, latest.document):
            return Reply(latest, status=200)
    return Reply(grades.grade_now(world, call["call_id"]), status=201)


def calls_extract(world: World, inputs: Inputs) -> Reply:
    """What the agent's extraction fields find in what was said."""
    return Reply(extractions.extract(world, _ended(world, inputs)))


def calls_issue_reports(world: World, inputs: Inputs) -> Reply:
    """A report by a person, or in the system's name where the body may say so, counted on the call."""
    call = _call(world, inputs)
    report = {"description": "", "source": "user", **defaults.wanted(inputs)}
    person = inputs.request.user_id if report["source"] == "user" else None
    return Reply(reports.file(world, call["call_id"], reported_by_id=person, **report))


def _recording(world: World, inputs: Inputs) -> str:
    """A signed URL of the call's recording. Raises NotFound while there is none."""
    call = _call(world, inputs)
    if call["recording_url"] is None:
        raise NotFound("Not found: this call has no recording (yet).")
    return recordings.signed_url(world, call["call_id"], inputs.request.base_url)


def _ended(world: World, inputs: Inputs) -> Document:
    """The call, once it is over. Raises Conflict before: half a call is neither graded nor read for data."""
    call = _call(world, inputs)
    if call["status"] == "in_progress":
        raise Conflict("The call is still in progress; ask again once it has ended.")
    return call


def _call(world: World, inputs: Inputs) -> Document:
    """The call the path names. Raises NotFound when this organization has none."""
    return defaults.find(world, calls.CALLS, "call_id", inputs).document
