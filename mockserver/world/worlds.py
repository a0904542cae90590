"""Every organization of a server, by API key: who a key belongs to, and when a new key opens a new one."""

from collections.abc import Callable, Iterator
from enum import StrEnum

from mockserver import chance
from mockserver.clock import Pace, wall_ms
from mockserver.world.world import Rules, World, id_base

# Where a world's time starts when nobody says and it does not follow the real one: the day of the vendor's
# sample call. A fixed moment makes two runs with the same seed give the same timestamps.
FIXED_START_MS = 1_776_708_000_000  # 2026-04-20T18:00:00Z


class KeyPolicy(StrEnum):
    """What an unknown, well-formed key means: a new organization, or a refusal."""

    OPEN = "open"
    MINTED = "minted"


class Worlds:
    """Worlds by key. `furnish(world, name)` puts a new world's belongings in, as the world file `name` says."""

    def __init__(
        self,
        rules: Rules,
        furnish: Callable[[World, str], None],
        *,
        seed: str,
        policy: KeyPolicy,
        world_name: str,
        start_ms: int | None = None,
    ) -> None:
        self.rules = rules
        self.seed = seed
        self.policy = policy
        self.world_name = world_name
        self._furnish = furnish
        self._start_ms = start_ms
        self._by_key: dict[str, World] = {}
        self._by_organization: dict[str, World] = {}
        self._by_id: dict[int, World] = {}
        self._revoked: set[str] = set()
        self._minted = 0

    def known(self, key: str) -> World | None:
        """The world of a key in use; None for any other."""
        return self._by_key.get(key)

    def find(self, key: str) -> World | None:
        """The world of a well-formed key; None when it is revoked, or unknown and keys must be minted."""
        world = self._by_key.get(key)
        if world is not None:
            return world
        if self.policy is KeyPolicy.MINTED or key in self._revoked:
            return None
        return self.open(key)

    def open(self, key: str, *, world_name: str | None = None, seed: str | None = None) -> World:
        """A new organization for `key`; what it held before, if anything, is gone."""
        name = self.world_name if world_name is None else world_name
        return self.reopen(key, lambda world: self._furnish(world, name), seed=seed)

    def reopen(self, key: str, fill: Callable[[World], None], *, seed: str | None = None) -> World:
        """A new organization for `key` that owns what `fill` puts in; what the key opened before is gone.

        Whatever `fill` raises leaves everything as it was.
        """
        organization = chance.token("organization", self.seed, key, length=20)
        world_seed = self.seed if seed is None else seed
        user_id = id_base("user", world_seed, organization)
        world = World(
            self.rules, self, seed=world_seed, organization=organization, user_id=user_id, start_ms=self._start()
        )
        fill(world)
        before = self._by_key.get(key)
        if before is not None:  # its other keys stay keys of the organization
            for other in [each for each, owner in self._by_key.items() if owner is before]:
                self._by_key[other] = world
        self._enter(world)
        self.admit(key, world)
        return world

    def mint(self, *, world_name: str | None = None, seed: str | None = None) -> str:
        """A fresh key of a fresh organization."""
        self._minted += 1
        key = "sk_test_" + chance.token("key", self.seed, self._minted, length=32)
        self.open(key, world_name=world_name, seed=seed)
        return key

    def public(self) -> World:
        """The world of operations that need no key; every caller shares it, and it starts empty."""
        return self._by_key.get("") or self.open("", world_name="empty")

    # -- the registry that worlds ask -----------------------------------------------------------------

    def admit(self, key: str, world: World) -> None:
        """From now on `key` belongs to the organization of `world`."""
        self._by_key[key] = world
        self._revoked.discard(key)

    def revoke(self, key: str) -> None:
        """From now on `key` is refused; its organization stays."""
        self._by_key.pop(key, None)
        self._revoked.add(key)

    def found(self, world: World) -> World:
        """A new, empty organization of the same person as `world`; it has no key yet."""
        organization = chance.token("organization", world.organization, world.count("organizations"), length=20)
        return self._made(organization, world.seed, world.user_id, world.clock.now_ms)

    def sister(self, world: World, organization_id: int) -> World | None:
        """The organization with this id, if it belongs to the same person as `world`."""
        found = self._by_id.get(organization_id)
        return found if found is not None and found.user_id == world.user_id else None

    def close(self, world: World) -> None:
        """The organization is deleted: its keys are refused and nothing of it is found."""
        for key in [key for key, each in self._by_key.items() if each is world]:
            self.revoke(key)
        self._by_organization.pop(world.address, None)
        self._by_id.pop(world.organization_id, None)

    # -------------------------------------------------------------------------------------------------

    def of_organization(self, organization: str) -> World | None:
        """The world of an organization, by the address of its recordings."""
        return self._by_organization.get(organization)

    def __iter__(self) -> Iterator[World]:
        return iter(self._by_organization.values())

    def __len__(self) -> int:
        return len(self._by_organization)

    def _made(self, organization: str, seed: str, user_id: int, start_ms: int) -> World:
        world = World(self.rules, self, seed=seed, organization=organization, user_id=user_id, start_ms=start_ms)
        self._enter(world)
        return world

    def _enter(self, world: World) -> None:
        self._by_organization[world.address] = world
        self._by_id[world.organization_id] = world

    def _start(self) -> int:
        if self._start_ms is not None:
            return self._start_ms
        return wall_ms() if self.rules.pace is Pace.REAL else FIXED_START_MS
