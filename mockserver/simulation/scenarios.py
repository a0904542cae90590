"""Scenario files: what may be written in one, reading a folder of them, and choosing one for a call."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    model_validator,
)

from mockserver import chance
from mockserver.errors import MockError, SpecError, WrongUse, nearest
from mockserver.simulation import templates
from mockserver.simulation.pacing import PACE, TAIL_MS, Layout, lay_out
from mockserver.simulation.turns import (
    KINDS,
    STRICT,
    Acknowledgement,
    AssistantTurn,
    Seconds,
    SilenceTurn,
    Text,
    ToolTurn,
    UserTurn,
)

Direction = Literal["inbound", "outbound", "mic", "widget"]
# The locales there are names for, each a file in fixtures/names.
Locale = Literal["de_DE", "en_GB", "en_IN", "en_US", "es_ES", "es_MX", "fr_FR", "hi_IN", "ja_JP", "pt_BR"]

_INLINE: Final = "inline"


def _plain(text: str) -> str:
    """`text` on one line; grading happens without the conversation, so there is nothing to fill gaps with."""
    line = " ".join(text.split())
    if any(not isinstance(piece, str) for piece in templates.parse(line).pieces):
        raise ValueError("A grade or report has no placeholders: write it without names and numbers.")
    return templates.parse(line).fill(lambda gap: gap.group)


def _pair(value: Any) -> Any:
    return [value, value] if isinstance(value, int | float) and not isinstance(value, bool) else value


def _in_order(pair: tuple[float, float]) -> tuple[float, float]:
    if pair[0] > pair[1]:
        raise ValueError(f"The first of the two, {pair[0]:g}, must not be above the second, {pair[1]:g}.")
    return pair


Plain = Annotated[str, AfterValidator(_plain)]
Findings = Annotated[tuple[Annotated[Plain, Field(min_length=1)], ...], Field(strict=False)]
Unit = Annotated[float, Field(ge=0, le=1)]
Range = Annotated[tuple[Unit, Unit], Field(strict=False), BeforeValidator(_pair), AfterValidator(_in_order)]
NumberEnding = Annotated[str, Field(pattern=r"^[0-9]{4,15}$")]
Lasts = Annotated[tuple[Seconds, Seconds], Field(strict=False), AfterValidator(_in_order)]


class Ending(BaseModel):
    """How the call ends. `failed`: it was never answered and nothing is said."""

    model_config = STRICT
    reason: Annotated[Text, Field(max_length=64)] = "caller_hangup"
    status: Literal["completed", "failed"] = "completed"
    transfer_to: Text | None = None

    @cached_property
    def transfer(self) -> templates.Template | None:
        """The number the call is transferred to."""
        return None if self.transfer_to is None else templates.parse(self.transfer_to)


class Rubric(BaseModel):
    """How a call is graded: a score between two bounds from 0 to 1. The words of `outcome` but the first are
    invented. Without a summary the scenario's title is used.

    What a call was about (`topics`), what is to be done now (`actions`), what the agent did not know (`gaps`) and
    the caller's mood are shown by contracts that have an analysis of calls; without a mood the outcome decides it.
    """

    model_config = STRICT
    score: Range = (0.82, 0.96)
    outcome: Literal["successful", "unsuccessful", "unknown", "no_conversation"] = "successful"
    summary: Plain = ""
    detected_issues: Findings = ()
    topics: Findings = ()
    actions: Findings = ()
    gaps: Findings = ()
    sentiment: Literal["positive", "neutral", "negative"] | None = None


class Report(BaseModel):
    """An issue report that grading files by itself.

    `issue` is the entry of `grade.detected_issues` it is about, `turn` the turn (counted from 0).
    """

    model_config = STRICT
    title: Annotated[Plain, Field(min_length=1, max_length=120)]
    severity: Literal["info", "warning", "critical"]
    description: Plain = ""
    issue: str | None = None
    turn: int | None = Field(default=None, ge=0)


def _kind_of(turn: Any) -> str | None:
    if isinstance(turn, BaseModel):
        return next((f"<{kind}>" for kind, model in KINDS.items() if isinstance(turn, model)), None)
    found = [kind for kind in KINDS if kind in turn] if isinstance(turn, dict) else []
    return f"<{found[0]}>" if len(found) == 1 else None


def _shape_of(grade: Any) -> str:
    return "<word>" if isinstance(grade, str) else "<rubric>"


def _word_for_null(grade: Any) -> Any:
    return "none" if grade is None else grade


# The tags are written <so> to be told from keys when an error's place is put into words.
_AnyTurn = Annotated[
    Annotated[AssistantTurn, Tag("<assistant>")]
    | Annotated[UserTurn, Tag("<user>")]
    | Annotated[ToolTurn, Tag("<tool>")]
    | Annotated[SilenceTurn, Tag("<silence>")],
    Discriminator(_kind_of),
]
_AnyGrade = Annotated[
    Annotated[Literal["none", "fails"], Tag("<word>")] | Annotated[Rubric, Tag("<rubric>")],
    Discriminator(_shape_of),
    BeforeValidator(_word_for_null),
]
_ALL: Final[tuple[Direction, ...]] = ("inbound", "outbound", "mic", "widget")


class Scenario(BaseModel):
    """A conversation as it is written down, complete and checked.

    `directions`: calls it is picked for, with `weight` (0: only when named). `numbers`: endings of the other
    side's telephone number that choose it. `rings`: seconds until the line is open, or until the call fails.
    `lasts`: a promise, the shortest and longest call in seconds; checked. `locale`: whose names it uses.
    """

    model_config = STRICT
    name: str = Field(default=_INLINE, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)
    title: Plain = ""
    directions: Annotated[tuple[Direction, ...], Field(strict=False)] = _ALL
    weight: int = Field(default=1, ge=0, le=1000)
    numbers: Annotated[tuple[NumberEnding, ...], Field(strict=False)] = ()
    locale: Locale = "en_US"
    rings: Seconds = 0.0
    turns: Annotated[tuple[_AnyTurn, ...], Field(strict=False, max_length=500)] = ()
    ends: Ending = Ending()
    grade: _AnyGrade = Rubric()
    reports: Annotated[tuple[Report, ...], Field(strict=False)] = ()
    lasts: Lasts | None = None

    @cached_property
    def layout(self) -> Layout:
        """How the turns lie one after another at pace 1."""
        return lay_out(self.turns)

    @model_validator(mode="after")
    def _makes_sense(self) -> "Scenario":
        _check_turns(self)
        _check_ending(self)
        _check_grading(self)
        _check_length(self)
        return self


def _check_turns(scenario: Scenario) -> None:
    for index, turn in enumerate(scenario.turns):
        if not isinstance(turn, AssistantTurn) or turn.interrupted_after is None:
            continue
        words = len(turn.assistant.split())
        if turn.interrupted_after >= words:
            raise ValueError(
                f"turns[{index}].interrupted_after: the agent has {words} words to say; "
                f"write a number from 1 to {words - 1}, or say more."
            )
        following = scenario.turns[index + 1 : index + 2]
        if following and not isinstance(following[0], UserTurn):
            raise ValueError(
                f"turns[{index}].interrupted_after: the turn after an interrupted one must be the user's "
                "(or there is none: the caller hangs up in mid-sentence)."
            )


def _check_ending(scenario: Scenario) -> None:
    ends = scenario.ends
    speaks = any(isinstance(turn, AssistantTurn | UserTurn) for turn in scenario.turns)
    if ends.status == "failed" and scenario.turns:
        raise ValueError("turns: a call with ends.status failed never connects, so it has no turns.")
    if ends.status == "completed" and not speaks:
        raise ValueError(
            "turns: needs at least one turn in which assistant or user speaks (or write ends.status: failed)."
        )
    if (ends.reason == "transfer") != (ends.transfer_to is not None):
        raise ValueError(
            "ends: reason transfer and transfer_to belong together; "
            'write both, as {reason: transfer, transfer_to: "{phone:desk}"}, or neither.'
        )


def _check_grading(scenario: Scenario) -> None:
    grade = scenario.grade
    if scenario.ends.status == "failed" and "grade" in scenario.model_fields_set and grade != "none":
        raise ValueError("grade: a failed call has no conversation to grade; write none or leave it out.")
    issues = grade.detected_issues if isinstance(grade, Rubric) else ()
    for index, report in enumerate(scenario.reports):
        if not isinstance(grade, Rubric) or scenario.ends.status == "failed":
            raise ValueError("reports: grading files them, so the call must be graded.")
        if report.issue is not None and report.issue not in issues:
            raise ValueError(
                f"reports[{index}].issue: {report.issue!r} is not one of grade.detected_issues."
                f"{nearest(report.issue, issues)}"
            )
        if report.turn is not None and report.turn >= len(scenario.turns):
            raise ValueError(
                f"reports[{index}].turn: there is no turns[{report.turn}]; the last is "
                f"turns[{len(scenario.turns) - 1}]."
            )


def _check_length(scenario: Scenario) -> None:
    if scenario.lasts is None or scenario.ends.status == "failed":
        return
    rings, (_, elastic, fixed) = scenario.rings * 1000, scenario.layout
    shortest = int(rings + fixed + elastic * PACE[0] + TAIL_MS[0]) // 1000
    longest = int(rings + fixed + elastic * PACE[1] + TAIL_MS[1]) // 1000
    if scenario.lasts[0] > shortest or longest > scenario.lasts[1]:
        raise ValueError(
            f"lasts: the turns take {shortest} to {longest} seconds, which is not within the promised "
            f"{scenario.lasts[0]:g} to {scenario.lasts[1]:g}; correct one or the other."
        )


def load_scenarios(folder: Path) -> Mapping[str, Scenario]:
    """All scenarios of the folder's *.yaml files by name, sorted.

    Raises SpecError, naming file and field, for a file that makes no sense.
    """
    files = sorted(folder.glob("*.yaml"))
    if not files:
        raise SpecError(f"{folder} has no scenario files (*.yaml).")
    found = {file.stem: _read(file) for file in files}
    chosen_by: dict[str, str] = {}
    for name, scenario in found.items():
        for ending in scenario.numbers:
            other = chosen_by.setdefault(ending, name)
            if other != name:
                raise SpecError(f"{name}.yaml: numbers: {ending} already chooses {other}.yaml; keep one of them.")
    return found


def parse_scenario(data: object, *, where: str) -> Scenario:
    """The scenario written as `data`, for example the body of a request.

    Raises WrongUse, beginning with `where`, that names the wrong fields.
    """
    return _parse(data, where, WrongUse)


def chosen_by_number(scenarios: Mapping[str, Scenario], direction: str, number: str) -> Scenario | None:
    """The scenario that a telephone number chooses by its ending, if it is meant for the direction; else None."""
    for scenario in scenarios.values():
        if direction in scenario.directions and any(number.endswith(ending) for ending in scenario.numbers):
            return scenario
    return None


def pick(scenarios: Mapping[str, Scenario], direction: str, *parts: chance.Part) -> Scenario:
    """The scenario that chance, named by `parts`, gives a call of this direction; weights count.

    Raises WrongUse when no scenario has the direction.
    """
    fitting = [scenario for scenario in scenarios.values() if direction in scenario.directions]
    left = chance.number("scenario", *parts) % max(1, sum(scenario.weight for scenario in fitting))
    for scenario in fitting:
        if left < scenario.weight:
            return scenario
        left -= scenario.weight
    raise WrongUse(
        f"No scenario with a weight is meant for direction {direction!r}. "
        f"Name one: {', '.join(scenarios)}; or add the direction to one of them."
    )


def _read(file: Path) -> Scenario:
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(loader):  # type: ignore[misc]
        """Refuses a key written twice, of which YAML would quietly keep the last."""

        def construct_mapping(self, node: Any, deep: bool = False) -> Any:
            keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
            for index, key in enumerate(keys):
                if key in keys[:index]:
                    line = node.value[index][0].start_mark.line + 1
                    raise SpecError(f"{file.name}, line {line}: the key {key!r} is written twice.")
            return super().construct_mapping(node, deep=deep)

    try:
        data = yaml.load(file.read_text(encoding="utf-8"), Loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SpecError(f"{file.name} is not YAML: {error}") from error
    scenario = _parse({"name": file.stem, **data} if isinstance(data, dict) else data, file.name, SpecError)
    if scenario.name != file.stem:
        raise SpecError(f"{file.name}: name is {scenario.name!r}; a scenario is named as its file is.")
    return scenario


def _parse(data: object, where: str, refusal: Callable[[str], MockError]) -> Scenario:
    if not isinstance(data, dict):
        raise refusal(f"{where}: a scenario is a mapping with turns, not {_shown(data)}.")
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        found = [_in_words(item) for item in error.errors(include_url=False)]
    raise refusal("\n".join(f"{where}: {text}" for text in found))


_MODELS: Final[Mapping[str, type[BaseModel]]] = {
    **{f"<{kind}>": model for kind, model in KINDS.items()},
    "<rubric>": Rubric,
    "acknowledgement": Acknowledgement,
    "ends": Ending,
    "reports": Report,
}


def _in_words(error: Any) -> str:
    """One of pydantic's errors as a sentence with the field's path."""
    place, kind, value = error["loc"], error["type"], error["input"]
    path = _path(place)
    if kind == "extra_forbidden":
        owner: type[BaseModel] = Scenario
        for step in place[:-1]:
            owner = _MODELS.get(step, owner)
        known = list(owner.model_fields)
        hint = nearest(str(place[-1]), known)
        return f"{path} is not a key here.{hint if hint else ' Known: ' + ', '.join(known) + '.'}"
    if kind == "union_tag_not_found":
        return f"{path}: {_not_a_turn(value)}"
    if kind == "literal_error":
        return f"{path}: {_shown(value)} is none of {error['ctx']['expected']}.{_near_word(value, error)}"
    if kind == "missing":
        return f"{path} is missing."
    if kind in ("model_type", "dict_type", "tuple_type"):
        return f"{path}: needs a {'list' if kind == 'tuple_type' else 'mapping'}, but is {_shown(value)}."
    if kind == "string_type":
        return f"{path}: needs text, but is {_shown(value)}. Put it in quotes."
    if kind == "value_error":
        text = str(error["ctx"]["error"])
        return f"{path}: {text}" if path else text
    return f"{path}: {error['msg']}, but is {_shown(value)}."


def _path(place: Sequence[str | int]) -> str:
    path = ""
    for step in place:
        if isinstance(step, int):
            path += f"[{step}]"
        elif not step.startswith("<"):
            path += f".{step}" if path else step
    return path


def _not_a_turn(value: object) -> str:
    kinds = ", ".join(KINDS)
    if not isinstance(value, dict):
        return f"a turn is a mapping that begins with one of {kinds}, not {_shown(value)}."
    found = [kind for kind in KINDS if kind in value]
    if found:
        return f"has {' and '.join(found)}; one turn is one of {kinds}, each with a dash of its own."
    hints = [hint for key in value if (hint := nearest(str(key), KINDS))]
    return f"begins with none of {kinds}.{hints[0] if hints else ''}"


def _near_word(value: object, error: Any) -> str:
    words = [word.strip(" '") for word in error["ctx"]["expected"].replace(" or ", ",").split(",")]
    return nearest(value, words) if isinstance(value, str) else ""


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
