"""Files that agents read."""

from mockserver.engine.exchange import Inputs, Reply
from mockserver.errors import InvalidInput
from mockserver.lifecycles import agent_files, naming
from mockserver.spec.forms import Upload
from mockserver.world.world import World


def v2_knowledge_add_file(world: World, inputs: Inputs) -> Reply:
    """The file, being read."""
    agent = naming.agent(world, inputs.body["agent_id"])
    file = inputs.body["file"]
    if not isinstance(file, Upload):
        raise InvalidInput({"file": ["Send a file with a name, not a text."]})
    return Reply(agent_files.add(world, agent["id"], file.filename, len(file.data)))
