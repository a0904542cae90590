"""Every organization of a server, by API key: who a key belongs to, and when a new key opens a new one."""

from collections.abc import Callable, Iterator
from enum import StrEnum

from mockserver import chance
from mockserver.clock import Pace, wall_ms
from mockserver.world.store import Id
from mockserver.world.world import Access, Rules, World, id_base

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
        self._by_key: dict[str, Access] = {}
        self._by_organization: dict[str, World] = {}
        self._by_id: dict[int, World] = {}
        self._revoked: set[str] = set()
        self._public: Access | None = None
        self._founders: dict[str, int] = {}
        self._published: dict[str, tuple[str, Id]] = {}
        self._minted = 0

    def access(self, key: str) -> Access | None:
        """What a key in use opens; None for any other."""
        return self._by_key.get(key)

    def enter(self, key: str) -> Access | None:
        """What a well-formed key opens; None when it is revoked, or unknown and keys must be minted."""
        access = self._by_key.get(key)
        if access is not None:
            return access
        if self.policy is KeyPolicy.MINTED or key in self._revoked:
            return None
        return self.open(key)

    def find(self, key: str) -> World | None:
        """The world that `enter` leads to."""
        access = self.enter(key)
        return None if access is None else access.world

    def open(self, key: str, *, world_name: str | None = None, seed: str | None = None) -> Access:
        """A new organization for a new `key`. Raises SpecError for a world there is none of."""
        world = self._made(chance.token("organization", self.seed, key, length=20), seed)
        world.keys[key] = Access(world, world.user_id)
        self._furnishing(world_name)(world)
        self._entered(world)
        self.admit(key, world)
        return self._by_key[key]

    def reset(self, key: str, *, world_name: str | None = None, seed: str | None = None) -> World:
        """The organization of `key` starts again: what it held is gone, its keys stay.

        Raises SpecError for a world there is none of, and then leaves everything as it was.
        """
        return self.reopen(key, self._furnishing(world_name), seed=seed)

    def reopen(self, key: str, fill: Callable[[World], None], *, seed: str | None = None) -> World:
        """The organization of `key` starts again with what `fill` puts in; its keys stay.

        Whatever `fill` raises leaves everything as it was.
        """
        old = self._by_key[key].world
        world = self._made(old.address, seed)
        fill(world)
        for other, access in old.keys.items():
            # Who founded the one founded the other, whatever the two are called.
            user_id = world.user_id if access.user_id == old.user_id else access.user_id
            self._by_key[other] = world.keys[other] = Access(world, user_id)
        if self._by_id.get(old.organization_id) is old:
            del self._by_id[old.organization_id]
        return self._entered(world)

    def mint(self, *, world_name: str | None = None, seed: str | None = None) -> str:
        """A fresh key of a fresh organization."""
        self._minted += 1
        key = "sk_test_" + chance.token("key", self.seed, self._minted, length=32)
        self.open(key, world_name=world_name, seed=seed)
        return key

    def public(self) -> Access:
        """What operations without a key work in: one world for every caller, without a key of its own."""
        if self._public is None:
            world = self._made(chance.token("organization", self.seed, "", length=20), None)
            self._furnish(world, "empty")
            self._public = Access(world, world.user_id)
        return self._public

    # -- the registry that worlds ask -----------------------------------------------------------------

    def admit(self, key: str, world: World, *, user_id: int | None = None) -> None:
        """From now on `key` belongs to the organization of `world` and acts for `user_id`, or who founded it."""
        previous = self._by_key.get(key)
        if previous is not None:
            previous.world.keys.pop(key, None)
        access = Access(world, world.user_id if user_id is None else user_id)
        self._by_key[key] = world.keys[key] = access
        self._revoked.discard(key)

    def revoke(self, key: str) -> None:
        """From now on `key` is refused; its organization stays."""
        access = self._by_key.pop(key, None)
        if access is not None:
            access.world.keys.pop(key, None)
        self._revoked.add(key)

    def found(self, world: World, *, user_id: int | None = None) -> World:
        """A new, empty organization of `user_id`, or of the same person as `world`; it has no key yet."""
        address = chance.token("organization", world.organization, world.count("organizations"), length=20)
        self._founders[address] = world.user_id if user_id is None else user_id
        return self._entered(self._made(address, world.seed, start_ms=world.clock.now_ms))

    def sister(self, world: World, organization_id: int) -> World | None:
        """The organization with this id, if it belongs to the same person as `world`."""
        found = self._by_id.get(organization_id)
        return found if found is not None and found.user_id == world.user_id else None

    def organization(self, organization_id: int) -> World | None:
        """The organization with this id, whoever it belongs to."""
        return self._by_id.get(organization_id)

    def close(self, world: World) -> None:
        """The organization is deleted: its keys are refused and nothing of it is found."""
        for key in list(world.keys):
            self.revoke(key)
        self._by_organization.pop(world.address, None)
        self._by_id.pop(world.organization_id, None)

    def publish(self, token: str, world: World, identity: Id) -> None:
        """From now on whoever has `token` finds what `identity` names in the organization of `world`."""
        self._published[token] = (world.address, identity)

    def published(self, token: str) -> tuple[World, Id] | None:
        """Where a token leads; None when it is unknown or the organization is gone."""
        address, identity = self._published.get(token, ("", 0))
        world = self._by_organization.get(address)
        return None if world is None else (world, identity)

    # -------------------------------------------------------------------------------------------------

    def of_organization(self, organization: str) -> World | None:
        """The world of an organization, by the address of its recordings."""
        return self._by_organization.get(organization)

    def __iter__(self) -> Iterator[World]:
        return iter(self._by_organization.values())

    def __len__(self) -> int:
        return len(self._by_organization)

    def _furnishing(self, world_name: str | None) -> Callable[[World], None]:
        name = self.world_name if world_name is None else world_name
        return lambda world: self._furnish(world, name)

    def _made(self, address: str, seed: str | None, *, start_ms: int | None = None) -> World:
        """A world nobody knows of yet; at the same address it is always of the same person."""
        world_seed = self.seed if seed is None else seed
        owner = self._founders.get(address)
        return World(
            self.rules,
            self,
            seed=world_seed,
            organization=address,
            user_id=id_base("user", world_seed, address) if owner is None else owner,
            start_ms=self._start() if start_ms is None else start_ms,
        )

    def _entered(self, world: World) -> World:
        self._by_organization[world.address] = world
        self._by_id[world.organization_id] = world
        return world

    def _start(self) -> int:
        if self._start_ms is not None:
            return self._start_ms
        return wall_ms() if self.rules.pace is Pace.REAL else FIXED_START_MS
