"""Phone-number labels: one per number, changed by labelling again, sorted by number."""

from caller import Caller
from hypothesis import given
from hypothesis import strategies as st

from mockserver.assembly import build
from mockserver.settings import Settings

AT = "/v1/phone-number-labels"
NUMBERS = [f"+1415555{line:04d}" for line in (9, 100, 42, 7, 1000)]
APP = build(Settings())


@given(
    st.lists(
        st.tuples(st.sampled_from(NUMBERS), st.one_of(st.none(), st.sampled_from(["a", "b", "c"]))), max_size=12
    )
)
def test_labels_are_a_sorted_map_from_numbers(steps: list[tuple[str, str | None]]) -> None:
    """Labelling (a text) and deleting (None) in any order leave what a dict would hold, in order of number."""
    api = Caller(APP, APP.worlds.mint())
    model: dict[str, str] = {}
    ids: dict[str, int] = {}
    for number, label in steps:
        if label is not None:
            answer = api.post(AT, {"phone_number": number, "label": label})
            assert (answer.status, answer.json["label"]) == (200, label)
            assert ids.setdefault(number, answer.json["id"]) == answer.json["id"], "an upsert keeps the id"
            model[number] = label
        elif number in model:
            assert api("DELETE", f"{AT}/{ids.pop(number)}").status == 204
            del model[number]
    shown = api.get(AT).json
    assert [(each["phone_number"], each["label"]) for each in shown] == sorted(model.items())


def test_labelling_again_changes_only_the_label(api: Caller) -> None:
    first = api.post(AT, {"phone_number": NUMBERS[0], "label": "Head office"}).json
    api.advance(10)
    second = api.post(AT, {"phone_number": NUMBERS[0], "label": "Warehouse"}).json
    assert {**second, "label": "Head office", "updated_at": first["updated_at"]} == first
    assert second["updated_at"] > first["updated_at"]


def test_what_is_refused(api: Caller) -> None:
    label = api.post(AT, {"phone_number": NUMBERS[0], "label": "x"}).json
    for body, field in (
        ({"phone_number": "0041", "label": "x"}, "phone_number"),
        ({"phone_number": NUMBERS[1], "label": ""}, "label"),
        ({"phone_number": NUMBERS[1], "label": "x" * 101}, "label"),
        ({"phone_number": NUMBERS[1]}, "label"),
    ):
        refused = api.post(AT, body)
        assert (refused.status, list(refused.json)) == (400, [field])
    for method in ("PUT", "PATCH"):
        refused = api(method, f"{AT}/{label['id']}", {"label": "y"})
        assert (refused.status, refused.headers["allow"]) == (405, "DELETE, OPTIONS")
    assert api("DELETE", f"{AT}/1").status == 404
    assert api.get(AT).json == [label]
