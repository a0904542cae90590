"""Bodies of requests to the control API: read, checked, and every wrong field named."""

from typing import TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from mockserver.errors import WrongUse, nearest

Model = TypeVar("Model", bound=BaseModel)


def read(model: type[Model], body: bytes) -> Model:
    """The request body as `model`; an empty one is an empty object. Raises WrongUse naming every wrong field."""
    try:
        data = orjson.loads(body) if body else {}
    except orjson.JSONDecodeError as error:
        raise WrongUse(f"The body is not JSON: {error}") from None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems = []
        for each in error.errors(include_url=False):
            place = ".".join(str(part) for part in each["loc"])
            if each["type"] == "extra_forbidden":
                hint = nearest(place, model.model_fields)
                problems.append(f"{place}: there is no such field.{hint} Known: {', '.join(model.model_fields)}.")
            else:
                problems.append(f"{place}: {each['msg']}")
        raise WrongUse("; ".join(problems)) from None
