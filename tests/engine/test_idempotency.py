"""Where a document has an idempotency key, the same request again gets the same reply and changes nothing."""

from pathlib import Path

import pytest
import yaml
from caller import Caller

from mockserver.assembly import build
from mockserver.http.app import App
from mockserver.settings import Settings


@pytest.fixture(scope="module", params=["header", "field"])
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> App:
    document = yaml.safe_load(Path(__file__).with_name("library.yaml").read_text("utf-8"))
    create = document["paths"]["/v1/books"]["post"]
    if request.param == "header":
        create["parameters"] = [{"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}]
    else:
        properties = create["requestBody"]["content"]["application/json"]["schema"]["properties"]
        properties["idempotency_key"] = {"type": "string"}
    spec = tmp_path_factory.mktemp("spec") / "library.yaml"
    spec.write_text(yaml.safe_dump(document), "utf-8")
    return build(Settings(spec=spec))


def test_a_replay_answers_the_same_and_makes_nothing(app: App) -> None:
    library = Caller(app, app.worlds.mint())

    def create(title: str, key: str | None) -> tuple[int, bytes]:
        keyed = {} if key is None else {"idempotency_key": key}
        headers = {} if key is None else {"idempotency-key": key}
        made = library.post("/v1/books", {"title": title, **keyed}, headers=headers)
        return made.status, made.body

    first = create("Dune", "k1")
    assert first[0] == 201
    assert create("Dune", "k1") == first
    assert create("Emma", "k1")[0] == 409
    assert create("Dune", "k2") != first
    assert create("", "k3")[0] == 400, "a refusal is not kept:"
    assert create("Emma", "k3")[0] == 201, "the key may be used again"
    create("Dune", None)
    create("Dune", None)
    assert library.get("/v1/books").json["total"] == 5
    stranger = Caller(app, app.worlds.mint())
    assert (
        stranger.post(
            "/v1/books", {"title": "Dune", "idempotency_key": "k1"}, headers={"idempotency-key": "k1"}
        ).status
        == 201
    )
