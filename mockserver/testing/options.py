"""What a test run may choose: which contract, world, pace and seed, from most to least special place."""

from dataclasses import dataclass, fields, replace
from typing import Any, Final

from mockserver.clock import Pace
from mockserver.errors import WrongUse, nearest
from mockserver.settings import DEFAULT_CONTRACT, Settings


@dataclass(frozen=True, slots=True)
class Options:
    """The options of the pytest plugin.

    * contract: the contract to serve, or several with spaces between them.
    * world: what a new organization owns: a name in fixtures/worlds, or a file.
    * pace: how time moves by itself: `poll`, `manual` or `real`.
    * seed: what all made-up values are derived from.
    * strict: refuse undeclared query parameters and body fields.
    """

    contract: str = DEFAULT_CONTRACT
    world: str = "empty"
    pace: str = Pace.POLL.value
    seed: str = "0"
    strict: bool = False

    def changed(self, where: str, changes: dict[str, Any]) -> "Options":
        """The options with some of them changed. Raises WrongUse for a name or a pace there is none of."""
        known = [each.name for each in fields(self)]
        for name in changes:
            if name not in known:
                raise WrongUse(
                    f"{where}: there is no option {name!r}.{nearest(name, known)} Known: {', '.join(known)}."
                )
        given: dict[str, Any] = {
            name: value if name == "strict" else str(value) for name, value in changes.items()
        }
        paces = [each.value for each in Pace]
        if given.get("pace", paces[0]) not in paces:
            pace = str(given["pace"])
            raise WrongUse(f"{where}: there is no pace {pace!r}.{nearest(pace, paces)} Known: {', '.join(paces)}.")
        return replace(self, **given)

    def settings(self) -> Settings:
        """The settings of a server for these options."""
        return Settings(
            contracts=tuple(self.contract.split()),
            pace=Pace(self.pace),
            world=self.world,
            seed=self.seed,
            strict=self.strict,
        )

    @property
    def kind(self) -> tuple[str, str, bool]:
        """What one server cannot have two of; world and seed are each organization's own."""
        return self.contract, self.pace, self.strict


DEFAULTS: Final = Options()
