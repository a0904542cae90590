"""What one turn of a scenario file may say: assistant, user, tool or silence."""

import math
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from mockserver.simulation import templates
from mockserver.simulation.templates import JsonTemplate, Template

STRICT = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


def _spoken(text: str) -> str:
    """`text` on one line; raises ValueError when nothing in it is said or a placeholder is wrong."""
    line = " ".join(text.split())
    if not line:
        raise ValueError("A text needs at least one word.")
    templates.parse(line)
    return line


def _json(value: JsonValue) -> JsonValue:
    templates.parse_json(value)
    return value


Text = Annotated[str, AfterValidator(_spoken)]
Json = Annotated[JsonValue, AfterValidator(_json)]
Seconds = Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)]


class AssistantTurn(BaseModel):
    """The agent speaks. `interrupted_after`: words said (as written here) before the caller cut in."""

    model_config = STRICT
    assistant: Text
    interrupted_after: int | None = Field(default=None, ge=1)

    @cached_property
    def template(self) -> Template:
        """All the agent meant to say."""
        return templates.parse(self.assistant)

    @cached_property
    def cut(self) -> tuple[Template, Template | None]:
        """What the agent got to say, and what not (None when it said everything)."""
        if self.interrupted_after is None:
            return self.template, None
        return templates.cut(self.template, self.interrupted_after)


class UserTurn(BaseModel):
    """The caller speaks."""

    model_config = STRICT
    user: Text

    @cached_property
    def template(self) -> Template:
        """What the caller says."""
        return templates.parse(self.user)


class Acknowledgement(BaseModel):
    """What the agent says while a tool works; `manual` when it is the agent's configured sentence."""

    model_config = STRICT
    says: Text
    mode: Literal["auto", "manual"] = "auto"

    @cached_property
    def template(self) -> Template:
        """What is said."""
        return templates.parse(self.says)


def _named(value: Any) -> Any:
    return {"says": value} if isinstance(value, str) else value


class ToolTurn(BaseModel):
    """The agent calls the function `tool`. `takes` seconds later `response`, any JSON, or `error` arrives.

    The default of `takes` is invented.
    """

    model_config = STRICT
    tool: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    arguments: dict[str, Json] = {}
    response: Json = None
    error: Text | None = None
    takes: Seconds = 0.6
    acknowledgement: Annotated[Acknowledgement | None, BeforeValidator(_named)] = None

    @cached_property
    def compiled(self) -> tuple[JsonTemplate, JsonTemplate, Template | None]:
        """Arguments, response and error."""
        error = None if self.error is None else templates.parse(self.error)
        return templates.parse_json(self.arguments), templates.parse_json(self.response), error

    @property
    def takes_ms(self) -> int:
        """Milliseconds until the answer."""
        return math.floor(self.takes * 1000)


class SilenceTurn(BaseModel):
    """Nobody speaks for so many seconds."""

    model_config = STRICT
    silence: Annotated[Seconds, Field(gt=0)]


Turn = AssistantTurn | UserTurn | ToolTurn | SilenceTurn
KINDS: dict[str, type[BaseModel]] = {
    "assistant": AssistantTurn,
    "user": UserTurn,
    "tool": ToolTurn,
    "silence": SilenceTurn,
}
