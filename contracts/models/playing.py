"""Plays: one sequence of calls at a target, beside the models of what they leave.

Which calls a play makes was drawn before it; which things they concern depends on what there is.
After the last call everything that they touched is looked at. Only things of the play's own are
judged. What is late is waited for, and a refusal is always the target's right: it has to leave
everything as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any, Final, TypeVar

from streamproof.contracts.check import Broken, Trial, Unmet
from streamproof.contracts.drivers import timeline
from streamproof.contracts.drivers.lists import Lists
from streamproof.contracts.drivers.patience import SETTLE_S, until
from streamproof.contracts.drivers.things import Things
from streamproof.contracts.models import attribution, collection, listing, log
from streamproof.contracts.models.difference import Difference, Kind, Known
from streamproof.contracts.wire import Outcome
from streamproof.specs.api import Api
from streamproof.specs.examples import example
from streamproof.specs.operation import Operation
from streamproof.specs.resources import Deed, Filter, Resource
from streamproof.specs.schema import Validator
from streamproof.specs.wording import shown

T = TypeVar("T")
Place = Mapping[str, str]  # the arguments that name what things stand in, with their keys

SHOWN: Final = "something made, shown after other calls"
_POOL: Final = 3  # keys and instants of one place
_HURRIED_S: Final = 0.05  # the wait for what is late, once an example has failed
_MANY: Final = 100  # rows of a list that is not cut into pages
_ZONES: Final = (UTC, timeline.EAST, timeline.WEST)


@dataclass(frozen=True, slots=True)
class Turn:
    """One call of a play: of a resource (its name), doing something (`list`, or a deed), with
    numbers that choose among what there is."""

    resource: str
    deed: str
    where: int = 0
    which: int = 0
    how: int = 0


@dataclass(frozen=True, slots=True)
class Home:
    """Where things of a resource stand."""

    resource: str
    place: tuple[tuple[str, str], ...] = ()

    @property
    def arguments(self) -> dict[str, str]:
        return dict(self.place)


@dataclass(slots=True)
class Play:
    """A play under way. `collections` and `logs` hold what the models say that there is."""

    api: Api
    trial: Trial
    collections: dict[Home, collection.State] = field(default_factory=dict)
    logs: dict[Home, log.State] = field(default_factory=dict)
    _pools: dict[tuple[str, str], Sequence[Any]] = field(default_factory=dict)
    _changes: int = 0  # accepted calls that changed something

    def all(self, turns: Sequence[Turn]) -> None:
        """Make the calls, and look at what they left. Raises `Broken` at the first difference."""
        for turn in turns:
            self.one(turn)
        for home in [*self.collections]:
            for key in self.collections[home].keys:
                if "read" in self.api.resources[home.resource].operations:
                    self._read(home, key)
        for home in [*self.collections, *self.logs]:
            if self.api.resources[home.resource].listing is not None:
                self._look_at_all(home)

    def one(self, turn: Turn) -> None:
        """Make a call, if there is anything that it can concern."""
        resource = self.api.resources[turn.resource]
        places = list(self._places(resource))
        if not places:
            return
        home = Home(resource.name, tuple(places[turn.where % len(places)].items()))
        match turn.deed:
            case "create":
                self._create(home, turn)
            case "append":
                self._append(home, turn)
            case "list":
                self._list(home, turn)
            case _:
                state = self.collections.get(home, collection.State())
                keys = [*state.things, *state.things, *sorted(state.gone | state.open)]
                if keys:
                    self._by_key(home, turn, keys[turn.which % len(keys)])

    # -- where ---------------------------------------------------------------------------------

    def _places(self, resource: Resource) -> Iterator[Place]:
        """Where things of a resource may stand: in all that there is of what is around it."""
        found: list[dict[str, str]] = [{}]
        for argument, parent in resource.within.items():
            found = [
                {**place, argument: key}
                for place in found
                for home, state in self.collections.items()
                if home.resource == parent and home.arguments.items() <= place.items()
                for key in state.things
            ]
        yield from found

    def _forget_inside(self, outer: Home, key: str) -> None:
        """What stands in a thing goes with it."""
        for homes in (self.collections, self.logs):
            for home in [*homes]:
                within = self.api.resources[home.resource].within
                inside = any(
                    parent == outer.resource and home.arguments.get(argument) == key
                    for argument, parent in within.items()
                )
                if inside and outer.arguments.items() <= home.arguments.items():
                    del homes[home]

    # -- what is sent --------------------------------------------------------------------------

    def _pool(self, name: str, what: str, make: Callable[[], Sequence[Any]]) -> Sequence[Any]:
        """A few values of a play's own, made when the first is needed."""
        if (name, what) not in self._pools:
            self._pools[name, what] = make()
        return self._pools[name, what]

    def _keys(self, things: Things) -> Sequence[str]:
        """Keys for things of a collection; one begins as another does, where that is allowed."""
        name = str(things.resource.key)

        def make() -> list[str]:
            keys = [str(things.different(self.trial, name)) for _ in range(_POOL - 1)]
            longer = keys[0] + keys[0][-1]
            fits = not Validator(things.schema(name), self.api.openapi).errors(longer)
            return [*keys, longer if fits else str(things.different(self.trial, name))]

        return self._pool(things.resource.name, name, make)

    def _values(self, things: Things, name: str) -> Sequence[Any]:
        """Values of a field, two where there are as many; of a text that marks what has no name of
        the run's but one."""

        def make() -> list[Any]:
            schema = things.schema(name)
            values = []
            if things.resource.fields[name] == "text":
                mark = self.trial.names.mark
                if not Validator(schema, self.api.openapi).errors(mark):
                    if things.resource.keyed_by != "client":
                        return [mark]
                    values.append(mark)
            for n in range(2 - len(values)):
                with suppress(Unmet):
                    values.append(things.different(self.trial, name, n))
            return values

        return self._pool(things.resource.name, f"{name}=", make)

    def _drawn(
        self, things: Things, operation: Operation, turn: Turn, *but: str | None
    ) -> dict[str, Any]:
        """Fields for a call, of those that a caller decides on: all that it needs, and more."""
        sent: dict[str, Any] = {}
        for number, name in enumerate(things.resource.fields):
            bits = turn.how >> number
            if name not in operation.arguments or name in but:
                continue
            values = self._values(things, name)
            if values and (name in operation.required or bits & 1 == 0):
                sent[name] = values[(bits >> 1) % len(values)]
        return sent

    def _instants(self, resource: Resource) -> Sequence[int]:
        return self._pool(
            resource.name,
            "instants",
            lambda: [timeline.fresh(self.trial.names) for _ in range(_POOL)],
        )

    # -- calls ---------------------------------------------------------------------------------

    def _create(self, home: Home, turn: Turn) -> None:
        things = Things(self.api, self.api.resources[home.resource])
        state = self.collections.setdefault(home, collection.State())
        fields = self._drawn(things, things.maker, turn, things.resource.key)
        if things.resource.keyed_by == "client":
            fields[str(things.resource.key)] = self._keys(things)[turn.which % _POOL]
        sent = things.fields(self.trial, **fields)
        outcome = self.trial.client.send(things.request(self.trial, home.arguments, sent))
        accepted = self._granted(outcome)
        thing = things.made(home.arguments, sent, outcome)
        if not accepted and things.resource.keyed_by != "client":
            return
        self.trial.require(thing.key is not None, f"the key of a new one of {home.resource}")
        key = str(thing.key)
        unique = self.api.rulebook.by_law(things.maker.id, "keys/taken-rejected") is not None
        if accepted and unique and key in state.things:
            taken = f"a call that makes {key}, which is there,"
            self._differ("taken", home, f"{taken} is rejected", "accepted")
        known = self._known(things.resource, sent)
        self.collections[home] = collection.made(state, key, known, accepted)
        if accepted:
            self._answered(home, things, known, outcome)

    def _append(self, home: Home, turn: Turn) -> None:
        resource = self.api.resources[home.resource]
        things, state = Things(self.api, resource), self.logs.setdefault(home, log.State())
        instants = self._instants(resource)
        duplicates = resource.duplicates
        at = instants[turn.which % _POOL]
        if duplicates is None and any(old.at == at for old in state.records):
            return  # whether two records of one instant are kept nothing tells
        name = str(resource.instant)
        zone = _ZONES[turn.how % len(_ZONES)]
        fields = self._drawn(things, things.maker, turn, resource.key, name)
        sent = things.fields(self.trial, **fields, **{name: timeline.written(at, zone)})
        permit = duplicates.permit if duplicates is not None and turn.how & 8 else None
        extra = {} if permit is None else dict([permit])
        outcome = self.trial.client.send(things.request(self.trial, home.arguments, sent, extra))
        accepted = self._granted(outcome)
        known = self._known(resource, sent)
        key = things.made(home.arguments, sent, outcome).key if accepted else None
        record = log.Record(key, known, at)
        same = duplicates.same if duplicates is not None else ()
        left = log.appended(state, record, accepted, same, permit is not None, things.alike)
        self.logs[home] = left
        if left is not state:
            self._answered(home, things, known, outcome)

    def _by_key(self, home: Home, turn: Turn, key: str) -> None:
        match turn.deed:
            case "read":
                self._read(home, key)
            case "update":
                self._update(home, turn, key)
            case "delete":
                outcome = self._call(home, "delete", key)
                accepted = self._granted(outcome)
                self.collections[home] = collection.removed(self.collections[home], key, accepted)
                if accepted:
                    self._forget_inside(home, key)

    def _update(self, home: Home, turn: Turn, key: str) -> None:
        things = Things(self.api, self.api.resources[home.resource])
        operation, resource = things.operation("update"), things.resource
        body = operation.body
        needed = example(body.schema, self.api.openapi) if body is not None else {}
        drawn = self._drawn(things, operation, turn, resource.key)
        sent = dict(needed) if isinstance(needed, Mapping) else {}
        sent = {n: v for n, v in sent.items() if n not in resource.fields or n == resource.key}
        sent |= drawn
        if resource.key in sent:
            sent[str(resource.key)] = key
        outcome = self._call(home, "update", key, **sent)
        known = self._known(resource, {n: v for n, v in sent.items() if n != resource.key})
        accepted = self._granted(outcome)
        state = self.collections[home]
        if resource.key in state.things.get(key, {}):
            known = {**known, str(resource.key): key}
        self.collections[home] = collection.changed(state, key, known, accepted)

    def _read(self, home: Home, key: str) -> None:
        things, state = Things(self.api, self.api.resources[home.resource]), self.collections[home]

        def look() -> Known | None:
            outcome = self._call(home, "read", key)
            if not self.trial.granted(outcome, f"a read of one of {home.resource}"):
                return None
            return things.row(outcome.payload)

        def wrong(found: Known | None) -> str | None:
            return collection.wrong(state, key, found, things.alike)

        found = self._until(look, lambda found: wrong(found) is None)
        kind, _, name = (wrong(found) or "").partition(":")
        match kind:
            case "lost":
                self._differ("lost", home, f"a read of {key} is accepted", "rejected")
            case "ghost":
                what = f"a read of {key}, which is not there,"
                self._differ("ghost", home, f"{what} is rejected", "accepted")
            case "otherwise":
                assert found is not None
                has, shows = shown(state.things[key][name]), shown(found.get(name))
                what = f"{name} of {key}"
                self._differ("otherwise", home, f"{what}: {has}", f"{what}: {shows}")
        self.collections[home] = collection.seen(state, key, self._settled(things, found))
        if found is not None:
            self._witness()

    # -- lists ---------------------------------------------------------------------------------

    def _list(self, home: Home, turn: Turn) -> None:
        """A list of what stands in one place: as it is, or by a filter, a window, a number."""
        resource = self.api.resources[home.resource]
        asked: list[Callable[[], None]] = [lambda: self._look_at_all(home, turn.how)]
        assert resource.listing is not None
        for each in resource.listing.filters:
            if each.field in resource.fields:
                asked.append(lambda each=each: self._filtered(home, each, turn))  # type: ignore[misc]
        if resource.kind == "log" and resource.listing.window is not None:
            asked.append(lambda: self._window(home, turn))
        if resource.kind == "log" and resource.listing.newest is not None and home.place:
            asked.append(lambda: self._newest(home, turn))
        asked[turn.which % len(asked)]()

    def _look_at_all(self, home: Home, how: int = _POOL) -> None:
        wanted = listing.Wanted(
            self._members(home), strangers=self._strangers(home, ()), alone=bool(home.place)
        )
        self._compare(home, {}, wanted, how)

    def _filtered(self, home: Home, by: Filter, turn: Turn) -> None:
        resource = self.api.resources[home.resource]
        things = Things(self.api, resource)
        keyed = by.field == resource.key
        if keyed and resource.keyed_by != "client":
            values: Sequence[Any] = self.collections.get(home, collection.State()).keys
        else:
            values = self._keys(things) if keyed else self._values(things, by.field)
        if not values:
            return
        chosen = values[turn.how % len(values)]
        value = chosen if by.how == "equals" or isinstance(chosen, list) else [chosen]
        if isinstance(chosen, list) and by.how == "equals":
            if len(chosen) != 1:
                return
            value = chosen[0]
        must, may, others = [], [], []
        for member in self._members(home):
            match listing.matches(by.field, by.how, value, member.fields, things.alike):
                case True:
                    must.append(member)
                case None:
                    may.append(member)
                case False:
                    others.append(member)
        strangers = self._strangers(home, others)
        wanted = listing.Wanted(must, may, strangers, bool(home.place))
        own = keyed or resource.fields.get(by.field) in ("name", "word", "set")
        self._compare(home, {by.argument: value}, wanted, turn.how >> 2, own=own)

    def _window(self, home: Home, turn: Turn) -> None:
        resource = self.api.resources[home.resource]
        assert resource.listing is not None
        window = resource.listing.window
        assert window is not None
        one, other = sorted(self._instants(resource)[n % _POOL] for n in (turn.how, turn.how >> 2))
        sides = turn.how >> 4  # both bounds, or one of them
        start = one if window.start is not None and sides % 3 != 1 else None
        end = other if window.end is not None and (sides % 3 != 2 or start is None) else None
        given = {
            str(name): timeline.written(at)
            for name, at in ((window.start, start), (window.end, end))
            if at is not None
        }
        state = self.logs.get(home, log.State())
        inside, edge, outside = log.between(state, start, end, window.closed)
        others = list(map(_member, outside))
        wanted = listing.Wanted(
            list(map(_member, inside)),
            list(map(_member, edge)),
            self._strangers(home, others),
            bool(home.place),
        )
        self._compare(home, given, wanted, turn.how >> 1, own=start is not None)

    def _newest(self, home: Home, turn: Turn) -> None:
        resource = self.api.resources[home.resource]
        assert resource.listing is not None
        count = 1 + turn.how % _POOL
        sure, tied, others = log.newest(self.logs.get(home, log.State()), count)
        wanted = listing.Wanted(
            list(map(_member, sure)),
            list(map(_member, tied)),
            self._strangers(home, list(map(_member, others))),
            alone=True,
        )
        self._compare(home, {str(resource.listing.newest): count}, wanted, None)

    def _compare(
        self,
        home: Home,
        given: Mapping[str, Any],
        wanted: listing.Wanted,
        how: int | None,
        own: bool = False,
    ) -> None:
        """Ask for a list, all its pages, and compare. `how` tells the length of its pages (None:
        there is but one), `own` that nothing of others is in it."""
        resource = self.api.resources[home.resource]
        lists, things = Lists(self.api, resource), Things(self.api, resource)
        if not (own or home.place or self._is_short(lists)):
            return
        asked = self._beside(lists, home, given)
        limit = lists.pages.limit if how is not None else None
        if limit is not None and _fits(lists, asked, limit):
            small = 1 + (how or 0) % (2 * _POOL) if own or home.place else 2 * _POOL
            asked |= {limit: small} if small <= _POOL else lists.large
        key_of = _keys_of(resource)

        def look() -> tuple[list[listing.Row], int]:
            if how is None:
                return list(lists.page(self.trial, home.arguments, **asked).records), 0
            walked = lists.walk(self.trial, home.arguments, **asked)
            self.trial.require(walked.ended, f"pages of {home.resource} that come to an end")
            return walked.records, max(len(page.records) for page in walked.pages)

        def wrong(rows: Sequence[listing.Row]) -> listing.Wrong | None:
            return listing.wrong(rows, wanted, key_of, things.alike)

        rows, longest = self._until(look, lambda found: wrong(found[0]) is None)
        told = lists.asked(home.arguments, asked)
        arguments = frozenset(told) - home.arguments.keys()
        if (found := wrong(rows)) is not None:
            self._differ(found.kind, home, found.expected, found.actual, arguments)
        if limit in asked and longest > asked[limit]:
            expected, actual = f"at most {asked[limit]} rows on a page", f"{longest} rows"
            self._differ("long-page", home, expected, actual, arguments)
        order = lists.listing.order
        keys = {member.key for member in (*wanted.must, *wanted.may)}
        mine = [row for row in rows if home.place or key_of(row) in keys]
        if order is not None and how is not None:
            falling = order.default == "desc"
            if not listing.in_order([lists.rank(row) for row in mine], falling):
                by = ", ".join(order.by)
                told_as = [shown([row.get(name) for name in order.by]) for row in mine]
                expected = f"rows in {'falling' if falling else 'rising'} order of {by}"
                self._differ("disorder", home, expected, ", ".join(told_as), arguments)
        if wanted.must:
            self._witness()

    def _is_short(self, lists: Lists) -> bool:
        return self.trial.learn(_Short(self.api.home.key, lists.resource.name, lists))

    def _beside(self, lists: Lists, home: Home, given: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments with those that they need beside them."""
        asked = lists.asked(home.arguments, given)
        for needed, others in lists.listing.only_with.items():
            if needed not in asked and {*others} & given.keys():
                asked[needed] = lists.harmless(needed)
        return {n: v for n, v in asked.items() if n not in home.arguments}

    def _members(self, home: Home) -> list[listing.Member]:
        if home in self.logs:
            return list(map(_member, self.logs[home].records))
        state = self.collections.get(home, collection.State())
        return [listing.Member(key, known) for key, known in state.things.items()]

    def _strangers(self, home: Home, others: Sequence[listing.Member]) -> list[str]:
        """The keys of what a list must not show: of `others`, and of what is gone."""
        state = self.collections.get(home, collection.State())
        return [*state.gone, *(member.key for member in others if member.key is not None)]

    # -- helpers -------------------------------------------------------------------------------

    def _call(self, home: Home, deed: Deed, key: str, **fields: Any) -> Outcome:
        resource = self.api.resources[home.resource]
        operation = self.api.operations[resource.operations[deed]]
        where = {n: v for n, v in home.arguments.items() if n in operation.arguments}
        naming = {resource.named_in(operation): key}
        return self.trial.client.call(operation.id, **{**fields, **where, **naming})

    def _granted(self, outcome: Outcome) -> bool:
        accepted = self.trial.granted(outcome, outcome.request.operation.given)
        self._changes += accepted
        return accepted

    def _known(self, resource: Resource, sent: Mapping[str, Any]) -> Known:
        """What is settled by what was sent."""
        return {n: v for n, v in sent.items() if n in resource.fields and v is not None}

    def _settled(self, things: Things, found: Known | None) -> Known | None:
        """What is settled by what was shown: fields that a caller decides on."""
        if found is None:
            return None
        names = things.maker.arguments & things.resource.fields.keys()
        return {n: v for n, v in found.items() if n in names and v is not None}

    def _answered(self, home: Home, things: Things, known: Known, outcome: Outcome) -> None:
        """The answer to an accepted call shows what was sent, where it shows anything."""
        row = things.row(outcome.payload)
        rules = self.api.rulebook.by_law(things.maker.id, "life/answered-as-sent")
        name = things.differs(known, row) if row and rules is not None else None
        if name is not None:
            what = f"{name} in the answer"
            expected, actual = f"{what}: {shown(known[name])}", f"{what}: {shown(row.get(name))}"
            self._differ("answered-otherwise", home, expected, actual)

    def _until(self, look: Callable[[], T], enough: Callable[[T], bool]) -> T:
        """What is seen once it is enough, or has had its time; only the last look is told."""
        steps = self.trial.transcript
        start = len(steps)

        def anew() -> T:
            del steps[start:]
            return look()

        return until(anew, enough, _HURRIED_S if self.trial.hurried else SETTLE_S)

    def _witness(self) -> None:
        if self._changes > 1:
            self.trial.witness(SHOWN)

    def _differ(
        self,
        kind: Kind,
        home: Home,
        expected: str,
        actual: str,
        arguments: frozenset[str] = frozenset(),
    ) -> None:
        found = Difference(kind, home.resource, expected, actual, arguments)
        raise Broken(attribution.mismatch(self.api, found))


@dataclass(frozen=True, slots=True)
class _Short:
    """Whether a list that others share stands on one page, so that it may be asked for often."""

    api: str
    resource: str
    lists: Lists = field(compare=False)

    def __call__(self, trial: Trial) -> bool:
        lists, limit = self.lists, self.lists.pages.limit
        asked = lists.asked({})
        large = lists.large if limit is not None and _fits(lists, asked, limit) else {}
        page = lists.page(trial, {}, **large)
        more = page.cursor not in (None, "")
        return not more and len(page.records) < large.get(str(limit), _MANY)


def _member(record: log.Record) -> listing.Member:
    return listing.Member(record.key, record.fields)


def _fits(lists: Lists, asked: Mapping[str, Any], limit: str) -> bool:
    """Whether a limit may stand beside the other arguments."""
    needs = [n for n, others in lists.listing.only_with.items() if limit in others]
    return all(name in asked for name in needs)


def _keys_of(resource: Resource) -> Callable[[listing.Row], str | None]:
    def key_of(row: listing.Row) -> str | None:
        key = row.get(resource.key or "")
        return str(key) if isinstance(key, str | int) else None

    return key_of
