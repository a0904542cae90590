"""`/_mock/faults`: put failures in, see them, take them away."""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mockserver.errors import WrongUse, nearest
from mockserver.http.bodies import read
from mockserver.world.faults import ANY, Fault, Latency, RateLimit
from mockserver.world.world import World

_STRICT = ConfigDict(extra="forbid", frozen=True, defer_build=True)

Seconds = Annotated[float, Field(ge=0, le=60)]


class Between(BaseModel):
    """A latency drawn anew for each request, between two bounds."""

    model_config = _STRICT
    min: Seconds
    max: Seconds


class Limit(BaseModel):
    """So many requests in so many seconds of world time."""

    model_config = _STRICT
    requests: Annotated[int, Field(ge=0)]
    seconds: Annotated[float, Field(gt=0)]


class FaultBody(BaseModel):
    """`POST /_mock/faults`: what goes wrong with which requests, as `mockserver.world.faults.Fault` tells it."""

    model_config = _STRICT
    operation: str = ANY
    status: Annotated[int, Field(ge=400, le=599)] | None = None
    detail: str | None = None
    retry_after: Annotated[int, Field(ge=0)] | None = None
    latency: Seconds | Between | None = None
    rate_limit: Limit | None = None
    connection: Literal["drop", "truncate"] | None = None
    malformed: bool = False
    times: Annotated[int, Field(ge=1)] | None = None
    share: Annotated[float, Field(gt=0, le=1)] = 1.0

    @model_validator(mode="after")
    def _does_something(self) -> "FaultBody":
        if not any((self.status, self.latency, self.rate_limit, self.connection, self.malformed)):
            raise ValueError("say what goes wrong: status, latency, rate_limit, connection or malformed")
        return self


def add(world: World, body: bytes, operations: Iterable[str]) -> Any:
    """A new fault. Raises WrongUse for an operation nobody serves, with the nearest name."""
    wanted = read(FaultBody, body)
    known = set(operations)
    if wanted.operation != ANY and wanted.operation not in known:
        raise WrongUse(
            f"operation: there is no operation {wanted.operation!r}.{nearest(wanted.operation, known)} "
            "Use an operationId (they are in the document, GET /_mock/openapi.yaml), or * for all."
        )
    latency, limit = wanted.latency, wanted.rate_limit
    if isinstance(latency, Between):
        held: Latency | None = Latency(latency.min, max(latency.min, latency.max))
    else:
        held = None if latency is None else Latency(latency, latency)
    fault = Fault(
        operation=wanted.operation,
        status=wanted.status,
        detail=wanted.detail,
        retry_after=wanted.retry_after,
        latency=held,
        rate_limit=None if limit is None else RateLimit(limit.requests, limit.seconds),
        connection=wanted.connection,
        malformed=wanted.malformed,
        times=wanted.times,
        share=wanted.share,
    )
    number = world.faults.add(fault)
    return {"fault": number, **asdict(fault)}


def show(world: World, body: bytes) -> Any:
    """Every fault, with how often it may still happen (null: always)."""
    return [{"fault": number, **asdict(fault), "left": left} for number, fault, left in world.faults]


def clear(world: World, body: bytes) -> Any:
    """Nothing goes wrong any more."""
    return {"removed": world.faults.clear()}
