"""Agents: what their fields demand of each other, duplicating, transferring, and help with prompts."""

from collections.abc import Mapping

from mockserver.engine import defaults
from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import Conflict
from mockserver.lifecycles import organizations
from mockserver.lifecycles.agents import AGENTS, thinking_of
from mockserver.lifecycles.numbers import NUMBERS
from mockserver.simulation.languages import UNKNOWN, detect, language_of, name_of
from mockserver.world.store import Document
from mockserver.world.world import World

LONGEST_NAME = 255
PROVIDER = "mockserver"
"""Who answers in the prompt helpers: nobody's model."""

FILLER_PROMPT = (
    "Say one short, friendly sentence that shows you are on it, such as “Let me check that for you.” "
    "Promise nothing and do not answer the question yet."
)
"""The one acknowledgement prompt we propose (invented)."""

_LINKS = {
    "integration_ids": "integrations",
    "knowledge_base_ids": "knowledge_bases",
    "knowledge_document_ids": "knowledge_documents",
    "mcp_server_ids": "mcp_servers",
    "reusable_instruction_ids": "reusable_instructions",
}
"""What an agent names of its organization, and the fields that show it."""

_OWN = frozenset(
    {"id", "created_at", "updated_at", *_LINKS, *_LINKS.values(), *(f"draft_{each}" for each in _LINKS)}
)
"""What belongs to an agent in its organization and does not go with it to another one."""


def agents_create(world: World, inputs: Inputs) -> Reply:
    """A new agent; a Storm tier decides its thinking level."""
    return defaults.create(world, _thinking(inputs))


def agents_update(world: World, inputs: Inputs) -> Reply:
    """The agent replaced; a Storm tier decides its thinking level."""
    return defaults.replace(world, _thinking(inputs))


def agents_partial_update(world: World, inputs: Inputs) -> Reply:
    """The agent changed. Raises Conflict when an acknowledgement prompt would lack its mode or tier."""
    before = defaults.record_of(world, inputs).document
    changes = defaults.given(inputs)
    after = {**before, **changes}
    _require_coupling(after)
    level = thinking_of(after["product"])
    return defaults.update(world, inputs if level is None else _with(inputs, {**changes, "thinking_level": level}))


def agents_duplicate(world: World, inputs: Inputs) -> Reply:
    """A new agent with the same configuration, under the name given or one that says it is a copy."""
    original = defaults.find(world, AGENTS, "agent_id", inputs).document
    copied = {name: value for name, value in original.items() if name not in ("id", "created_at", "updated_at")}
    wanted = defaults.given(inputs).get("name")
    copied["name"] = f"{original['name']} (copy)"[:LONGEST_NAME] if wanted is None else wanted
    return Reply(world.create(AGENTS, copied))


def agents_transfer(world: World, inputs: Inputs) -> Reply:
    """The agent copied (201) or moved (200) to another organization of the same person."""
    agent = defaults.find(world, AGENTS, "agent_id", inputs).document
    body = defaults.wanted(inputs)
    target = organizations.sister(world, body["target_org_id"])
    carried = {name: value for name, value in agent.items() if name not in _OWN}
    carried["name"] = body.get("name", agent["name"])
    carried |= _draft_without_links(agent)
    answer: Document = {
        "mode": body["mode"],
        "source_org_id": world.organization_id,
        "target_org_id": target.organization_id,
    }
    if body["mode"] == "copy":
        return Reply({**answer, "agent": target.create(AGENTS, carried).document}, status=201)
    if target is world:
        raise Conflict("The agent already is in this organization; name another one, or use the mode copy.")
    numbers = [
        record.id
        for record in world[NUMBERS]
        if agent["id"] in (record.document["inbound_agent_id"], record.document["outbound_agent_id"])
    ]
    linked = {name: agent[name] for name in _LINKS if agent.get(name)}
    detached = {"phone_number_ids": numbers, "integration_ids": [], **linked}
    world.remove(AGENTS, agent["id"])
    moved = target.create(AGENTS, {**carried, "id": agent["id"], "created_at": agent["created_at"]})
    return Reply({**answer, "agent": moved.document, "detached": detached}, status=200)


def agents_prompt_language_check_create(world: World, inputs: Inputs) -> Reply:
    """Which language the prompt is in, and whether that is the one wanted."""
    body = defaults.wanted(inputs)
    guess, target = detect(body["prompt"]), language_of(body["target_locale"])
    return Reply(
        {
            "detected_language_code": guess.code,
            "detected_language_name": name_of(guess.code),
            "target_language_code": target,
            "target_language_name": name_of(target),
            "mismatch": guess.code not in (UNKNOWN, target),
            "confidence": guess.confidence,
            "explanation": guess.reason,
            "provider": PROVIDER,
        }
    )


def agents_translate_prompt_create(world: World, inputs: Inputs) -> Reply:
    """The prompt as it was, with a warning unless it already is in the language wanted: nobody translates here."""
    body = defaults.wanted(inputs)
    source, target = detect(body["prompt"]).code, language_of(body["target_locale"])
    done = source == target
    warning = f"No translation: this is a mock. The prompt was not translated into {name_of(target)}."
    return Reply(
        {
            "translated_prompt": body["prompt"],
            "source_language": source,
            "source_language_code": source,
            "source_language_name": name_of(source),
            "target_language": target,
            "target_language_code": target,
            "target_language_name": name_of(target),
            "provider": PROVIDER,
            "used_fallback": not done,
            "warning": "" if done else warning,
        }
    )


def agents_generate_acknowledgement_prompt_create(world: World, inputs: Inputs) -> Reply:
    """A ready-made filler prompt."""
    return Reply({"acknowledgement_prompt": FILLER_PROMPT, "provider": PROVIDER, "used_fallback": True})


def _draft_without_links(agent: Document) -> Document:
    """What an agent says of its draft once what that links is left behind; nothing where there are no drafts."""
    if "draft_fields" not in agent:
        return {}
    left = [name for name in agent["draft_fields"] if name not in _LINKS]
    updated = agent["draft_updated_at"] if left else None
    return {"draft_fields": left, "has_draft": bool(left), "draft_updated_at": updated}


def _thinking(inputs: Inputs) -> Inputs:
    body = defaults.wanted(inputs)
    level = thinking_of(body["product"])
    return inputs if level is None else _with(inputs, {**defaults.given(inputs), "thinking_level": level})


def _with(inputs: Inputs, body: Document) -> Inputs:
    return inputs._replace(body=body)


def _require_coupling(agent: Mapping[str, object]) -> None:
    """Raise Conflict unless prompt, mode and tier of an agent's acknowledgements go together.

    Of a whole agent in one body the schema says so, field by field. What a change leads to depends on what the
    agent already has.
    """
    mode, prompt = agent["acknowledgement_prompt_mode"], agent["acknowledgement_prompt"]
    storm = thinking_of(str(agent["product"])) is not None
    if (mode == "manual" and storm and prompt) or (mode == "auto" and prompt is None):
        return
    raise Conflict(
        "acknowledgement_prompt, acknowledgement_prompt_mode manual and a Storm tier go together; the agent would "
        f"have {'a' if prompt else 'no'} prompt, mode {mode} and product {agent['product']}. Send what is missing "
        "along, or acknowledgement_prompt_mode auto with acknowledgement_prompt null."
    )
