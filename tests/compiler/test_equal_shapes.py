"""Two pages may name one place differently; OpenAPI may not."""

from pathlib import Path

import pytest

from mockserver.compiler.contract import compile_folder
from mockserver.errors import SpecError

PAGE = """# Parcels

## Endpoints

| Method | Path | Description |
| --- | --- | --- |
| DELETE | /v1/parcels/{{parcel_id}} | Lose a parcel |
| {method} | /v1/parcels/{{code}} | Look a parcel up |

## Lose a parcel

`DELETE /v1/parcels/{{parcel_id}}`

**Path parameters**

| Parameter | Type | Description |
| --- | --- | --- |
| parcel_id | integer (int64) | Its number |

## Look a parcel up

`{method} /v1/parcels/{{code}}`

**Path parameters**

| Parameter | Type | Description |
| --- | --- | --- |
| code | string | What is printed on it |
"""


def test_paths_of_equal_shape_become_one_and_keep_their_types(tmp_path: Path) -> None:
    (tmp_path / "parcels.md").write_text(PAGE.format(method="GET"), "utf-8")
    paths = compile_folder(tmp_path).document["paths"]
    assert list(paths) == ["/v1/parcels/{parcel_id}"]
    operations = paths["/v1/parcels/{parcel_id}"]
    found = {method: operation["parameters"][0] for method, operation in operations.items()}
    assert {each["name"] for each in found.values()} == {"parcel_id"}
    assert (found["delete"]["schema"]["type"], found["get"]["schema"]["type"]) == ("integer", "string")
    assert found["get"]["description"] == "The code: What is printed on it"


def test_one_operation_under_two_names_is_refused(tmp_path: Path) -> None:
    (tmp_path / "parcels.md").write_text(PAGE.format(method="DELETE"), "utf-8")
    with pytest.raises(SpecError, match=r"/v1/parcels/\{code\}"):
        compile_folder(tmp_path)
