"""The feed of all issue reports: what calls file, filtered."""

from caller import Caller


def ended_call(api: Caller, agent_id: int, scenario: str) -> int:
    placed = api.post("/_mock/calls", {"direction": "mic", "agent_id": agent_id, "scenario": scenario})
    api.settle()
    call_id: int = placed.json["call_id"]
    return call_id


def test_the_feed_has_the_reports_of_every_call(api: Caller) -> None:
    one, two = (api.post("/v1/agents", {"name": name, "prompt": "p", "voice": "v"}).json["id"] for name in "AB")
    calm, angry = ended_call(api, one, "support-question"), ended_call(api, two, "angry-caller")
    assert api.get("/v1/calls?limit=2").json["total"] == 2
    for severity in ("info", "critical"):
        api.advance(60)
        assert api.post(f"/v1/calls/{calm}/issue-reports", {"title": severity, "severity": severity}).status == 201

    feed = api.get("/v1/issue-reports").json
    assert isinstance(feed, list)
    assert [each["created_at"] for each in feed] == sorted((each["created_at"] for each in feed), reverse=True)
    assert [each["title"] for each in feed[:2]] == ["critical", "info"]
    assert all("agent_id" not in each for each in feed)
    by_call = api.get(f"/v1/calls/{calm}/issue-reports").json + api.get(f"/v1/calls/{angry}/issue-reports").json
    assert {each["id"] for each in feed} == {each["id"] for each in by_call}

    def ids(query: str) -> list[int]:
        return [each["id"] for each in api.get(f"/v1/issue-reports?{query}").json]

    for field in ("severity", "status", "source"):
        for value in {each[field] for each in feed}:
            assert ids(f"{field}={value}") == [each["id"] for each in feed if each[field] == value]
    assert {each["source"] for each in feed} == {"user", "system"}
    assert ids("status=resolved") == []
    for agent, call in ((one, calm), (two, angry)):
        assert ids(f"agent_id={agent}") == [each["id"] for each in feed if each["call_id"] == call] != []
    assert ids("agent_id=1") == []
    info = feed[1]
    assert info["id"] in ids(f"start_date={info['created_at']}")
    assert ids(f"start_date={info['created_at']}&end_date={info['created_at']}") == [info["id"]]
    assert ids("limit=1") + ids("limit=1&offset=1") == [feed[0]["id"], info["id"]]
    assert ids("offset=1000") == []


def test_the_feed_refuses_what_it_does_not_know(api: Caller) -> None:
    for query in ("severity=fatal", "status=dismissed", "source=bot", "limit=201", "limit=0", "start_date=soon"):
        refused = api.get(f"/v1/issue-reports?{query}")
        assert (refused.status, list(refused.json)) == (400, [query.partition("=")[0]])


def test_the_event_shows_the_report_as_the_feed_does(api: Caller) -> None:
    agent = api.post("/v1/agents", {"name": "A", "prompt": "p", "voice": "v"}).json["id"]
    call = ended_call(api, agent, "support-question")
    report = api.post(f"/v1/calls/{call}/issue-reports", {"title": "t", "severity": "info"}).json
    event = api.get("/_mock/events").json[-1]
    assert (event["type"], event["data"]) == ("issue.reported", report)
