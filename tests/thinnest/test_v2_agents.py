"""Agents and what they read and write: one collection, two APIs."""

from typing import Any

VOICED = {"provider": "sarvam", "voiceId": "meera", "speed": 1.2}


def test_an_agent_made_by_one_api_is_shown_by_the_other(pair: Any) -> None:
    made = pair.second.post(
        "/v2/agents", {"name": "Priya", "instructions": "Be kind.", "model": "gpt-4o", "tools": ["find_parcel"]}
    )
    assert made.status == 201
    agent = made.json
    assert (agent["voiceEnabled"], agent["voice"], agent["transcriber"]) == (False, None, None)
    assert agent["model"] == {
        "provider": "openai",
        "model": "gpt-4o",
        "temperature": None,
        "maxTokens": None,
        "instructions": "Be kind.",
    }
    assert agent["tools"] == [{"name": "find_parcel", "type": "function", "enabled": True}]
    [shown] = pair.first.get("/v1/agents").json
    assert (shown["name"], shown["prompt"]) == ("Priya", "Be kind.")
    pair.first.patch(f"/v1/agents/{shown['id']}", {"name": "Asha"})
    target = f"/v2/agents/{agent['id']}"
    assert pair.second.get(target).json == {**agent, "name": "Asha"}
    changed = pair.second.patch(target, {"voiceEnabled": True, "voice": VOICED, "instructions": "Be brief."}).json
    assert changed["voice"] == {**VOICED, "model": "sonic-3"}
    assert (changed["firstMessage"], changed["tools"]) == (agent["firstMessage"], agent["tools"])
    shown = pair.first.get(f"/v1/agents/{shown['id']}").json
    assert (shown["prompt"], shown["voice"]) == ("Be brief.", "meera")
    refused = pair.second.post("/v2/agents", {"model": "gpt-4o", "noiseCancellation": "loud"})
    assert refused.status == 422
    assert "name" in refused.json["detail"]
    assert "noiseCancellation" in refused.json["detail"]


def test_an_agent_of_the_other_api_can_speak(pair: Any) -> None:
    made = pair.first.post("/v1/agents", {"name": "Desk", "prompt": "p", "voice": "en-US-James1"}).json
    [listed] = pair.second.get("/v2/agents").json["agents"]
    assert (listed["name"], listed["voiceEnabled"], listed["id"][:3]) == ("Desk", True, "ag_")
    agent = pair.second.get(f"/v2/agents/{listed['id']}").json
    assert agent["voice"]["voiceId"] == made["voice"]
    assert agent["createdAt"] == made["created_at"][:19] + "Z"


def test_deleting_takes_recordings_and_conversations_along_and_leaves_the_calls(pair: Any) -> None:
    agent = pair.agent()["id"]
    made = pair.second.post("/v2/calls", {"agent_id": agent}).json["id"]
    chat = pair.second.post(f"/v1/agents/{agent}/chat", {"message": "Hello"}).json["session_id"]
    pair.first.settle()
    call = pair.second.get(f"/v2/calls/{made}").json
    assert call["recording_url"] is not None
    assert pair.second("DELETE", f"/v2/agents/{agent}").status == 204
    after = pair.second.get(f"/v2/calls/{made}").json
    assert (after["recording_url"], after["cost"]) == (None, call["cost"])
    assert pair.first.get(f"/v1/calls/{call['id']}/audio").status == 404
    assert pair.second.get(f"/v2/chats/{chat}").status == 404
    assert pair.second.get(f"/v2/agents/{agent}").status == 404
    assert pair.first.get("/v1/agents").json == []
    assert pair.defects() == []


def test_a_file_is_read(pair: Any) -> None:
    agent = pair.agent()["id"]

    def upload(name: str, agent_id: str = agent) -> Any:
        body = (
            f'--b\r\nContent-Disposition: form-data; name="agent_id"\r\n\r\n{agent_id}\r\n--b\r\n'
            f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n\r\nWe open at nine.\r\n--b--\r\n'
        )
        return pair.second.post(
            "/knowledge/add-file",
            body=body.encode(),
            headers={"content-type": "multipart/form-data; boundary=b"},
        )

    made = upload("hours.txt")
    assert (made.status, made.json["type"], made.json["status"]) == (201, "txt", "processing")
    sources = pair.second.get(f"/v2/agents/{agent}").json["knowledgeBase"]["sources"]
    assert [(each["id"], each["status"]) for each in sources] == [(made.json["id"], "processing")]
    pair.first.settle()
    assert pair.second.get(f"/v2/agents/{agent}").json["knowledgeBase"]["sources"][0]["status"] == "ready"
    assert (upload("hours.exe").status, upload("hours.txt", "ag_nobody").status) == (415, 404)
    assert [upload("a.md").status for _ in range(8)] == [201] * 7 + [429], "ten an hour, refused ones included"


def test_a_session_is_a_chat(pair: Any) -> None:
    agent, other = pair.agent()["id"], pair.agent(name="Asha")["id"]
    session = pair.second.post("/v2/sessions", {"agent_id": agent}).json
    assert (session["agent_id"], session["status"], session["message_count"]) == (agent, "active", 0)
    at = f"/v1/agents/{agent}/chat"
    for message in ("Where is my parcel?", "And the other one?"):
        answer = pair.second.post(at, {"message": message, "session_id": session["id"]})
        assert message in answer.json["response"]
        usage = answer.json["usage"]
        assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
    new = pair.second.post(at, {"message": "Hello"}).json["session_id"]
    assert new != session["id"]
    chat = pair.second.get(f"/v2/chats/{session['id']}").json
    assert (chat["message_count"], chat["name"]) == (4, "Where is my parcel?")
    assert [each["role"] for each in chat["messages"]] == ["user", "assistant"] * 2
    assert chat["agent_id"] == next(a["id"] for a in pair.first.get("/v1/agents").json if a["name"] == "Priya")
    listed = pair.second.get("/v2/chats").json
    assert (listed["total"], {each["id"] for each in listed["chats"]}) == (2, {session["id"], new})
    assert pair.second.get(f"/v2/sessions?agent_id={other}").json == []
    assert len(pair.second.get(f"/v2/sessions?agent_id={agent}&limit=1").json) == 1
    archived = pair.second.patch(f"/v2/sessions/{session['id']}", {"status": "archived"}).json
    assert (archived["status"], archived["message_count"]) == ("archived", 4)
    assert pair.second("DELETE", f"/sessions/{session['id']}").status == 204
    assert pair.second.get(f"/v2/chats/{session['id']}").status == 404
    unknown = pair.second.post(f"/v1/agents/{other}/chat", {"message": "x", "session_id": new})
    assert unknown.status == 404, "the session is with another agent"
    told = [each["event"] for each in pair.first.get("/_mock/events?contract=thinnestai-v2").json]
    assert told.count("chat.message.completed") == 3
    assert told.count("chat.session.ended") == 1
