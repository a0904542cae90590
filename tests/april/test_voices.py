"""The catalogue of voices and its filters."""

from caller import Caller


def ids(api: Caller, query: str) -> set[str]:
    return {voice["id"] for voice in api.get(f"/v1/voices{query}").json["voices"]}


def test_filters_narrow_the_catalogue_and_combine(api: Caller) -> None:
    whole = api.get("/v1/voices").json
    assert "en-US-James1" in ids(api, "")
    assert len(ids(api, "")) == len(whole["voices"])
    for gender in {voice["gender"] for voice in whole["voices"]}:
        expected = {voice["id"] for voice in whole["voices"] if voice["gender"] == gender}
        assert ids(api, f"?gender={gender}") == expected != ids(api, "")
    for category in {voice["category"] for voice in whole["voices"]}:
        expected = {voice["id"] for voice in whole["voices"] if voice["category"] == category}
        assert ids(api, f"?category={category}") == expected != ids(api, "")
    both = {voice["id"] for voice in whole["voices"] if {"en", "es"} <= set(voice["languages"])}
    assert ids(api, "?languages=en,es") == ids(api, "?languages=es-MX,%20EN-us") == both
    assert 0 < len(both) < len(ids(api, "?languages=en"))
    assert ids(api, "?languages=en,es&gender=male") == set()
    assert api.get("/v1/voices?languages=tlh").json == {"voices": [], "languages": []}


def test_languages_are_those_of_the_listed_voices(api: Caller) -> None:
    found = api.get("/v1/voices?gender=male").json
    spoken = [code for voice in found["voices"] for code in voice["languages"]]
    assert {each["code"]: each["voice_count"] for each in found["languages"]} == {
        code: spoken.count(code) for code in spoken
    }
    assert {"code": "de", "name": "German", "voice_count": 1} in found["languages"]
