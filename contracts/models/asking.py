"""Asking for lists: of a place as it is, or by a filter, a window or a number.

All pages are read, and compared with what the world has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from streamproof.contracts.check import Trial
from streamproof.contracts.drivers import timeline
from streamproof.contracts.drivers.contents import members
from streamproof.contracts.drivers.lists import Lists
from streamproof.contracts.drivers.things import Things
from streamproof.contracts.models import listing, log
from streamproof.contracts.models.session import Session
from streamproof.contracts.models.values import FEW
from streamproof.contracts.models.world import Home
from streamproof.specs.resources import Filter, Resource
from streamproof.specs.schema import Validator
from streamproof.specs.wording import shown

_MANY: Final = 100  # rows of a list that is not cut into pages


def ask(session: Session, home: Home, which: int, how: int) -> None:
    """A list of what stands in one place: as it is, or by a filter, a window, a number."""
    resource = session.resource(home)
    asked: list[Callable[[int], None]] = [partial(look_at_all, session, home)]
    assert resource.listing is not None
    for by in resource.listing.filters:
        if by.field in resource.fields:
            asked.append(partial(_filtered, session, home, by))
    if resource.kind == "log" and resource.listing.window is not None:
        asked.append(partial(_window, session, home))
    if resource.kind == "log" and resource.listing.newest is not None and home.place:
        asked.append(partial(_newest, session, home))
    asked[which % len(asked)](how)


def look_at_all(session: Session, home: Home, how: int = FEW) -> None:
    wanted = listing.Wanted(
        session.world.members(home), strangers=session.world.strangers(home), alone=bool(home.place)
    )
    _compare(session, home, {}, wanted, how)


def _filtered(session: Session, home: Home, by: Filter, how: int) -> None:
    resource = session.resource(home)
    things = Things(session.api, resource)
    keyed = by.field == resource.key
    if keyed and resource.keyed_by != "client":
        values: Sequence[Any] = session.world.things(home).keys
    else:
        values = session.values.keys(things) if keyed else session.values.fields(things, by.field)
    if not values:
        return
    chosen = values[how % len(values)]
    value = chosen if by.how == "equals" or isinstance(chosen, list) else [chosen]
    if isinstance(chosen, list) and by.how == "equals":
        if len(chosen) != 1:
            return
        value = chosen[0]
    must, may, others = [], [], []
    for member in session.world.members(home):
        match listing.matches(by.field, by.how, value, member.fields, things.alike):
            case True:
                must.append(member)
            case None:
                may.append(member)
            case False:
                others.append(member)
    strangers = session.world.strangers(home, others)
    wanted = listing.Wanted(must, may, strangers, bool(home.place))
    own = keyed or resource.fields.get(by.field) in ("name", "word", "set")
    _compare(session, home, {by.argument: value}, wanted, how >> 2, own=own)


def _window(session: Session, home: Home, how: int) -> None:
    resource = session.resource(home)
    assert resource.listing is not None
    window = resource.listing.window
    assert window is not None
    one, other = sorted(session.values.instants(resource)[n % FEW] for n in (how, how >> 2))
    sides = how >> 4  # both bounds, or one of them
    start = one if window.start is not None and sides % 3 != 1 else None
    end = other if window.end is not None and (sides % 3 != 2 or start is None) else None
    given = {
        str(name): timeline.written(at)
        for name, at in ((window.start, start), (window.end, end))
        if at is not None
    }
    state = session.world.records(home)
    inside, edge, outside = log.between(state, start, end, window.closed)
    others = _members(outside)
    wanted = listing.Wanted(
        _members(inside),
        _members(edge),
        session.world.strangers(home, others),
        bool(home.place),
    )
    _compare(session, home, given, wanted, how >> 1, own=start is not None)


def _newest(session: Session, home: Home, how: int) -> None:
    resource = session.resource(home)
    assert resource.listing is not None
    count = 1 + how % FEW
    sure, tied, others = log.newest(session.world.records(home), count)
    wanted = listing.Wanted(
        _members(sure),
        _members(tied),
        session.world.strangers(home, _members(others)),
        alone=True,
    )
    newest = str(resource.listing.newest)
    if _allowed(Lists(session.api, resource), newest, count):
        _compare(session, home, {newest: count}, wanted, None)


def _compare(
    session: Session,
    home: Home,
    given: Mapping[str, Any],
    wanted: listing.Wanted,
    how: int | None,
    own: bool = False,
) -> None:
    """Ask for a list, all its pages, and compare. `how` tells the length of its pages (None:
    there is but one), `own` that nothing of others is in it."""
    resource = session.resource(home)
    lists, things = Lists(session.api, resource), Things(session.api, resource)
    if not (own or home.place or _is_short(session, lists)):
        return
    asked = _beside(lists, home, given)
    limit = lists.pages.limit if how is not None else None
    if limit is not None and _fits(lists, asked, limit):
        small = 1 + (how or 0) % (2 * FEW) if own or home.place else 2 * FEW
        fits = small <= FEW and _allowed(lists, limit, small)
        asked |= {limit: small} if fits else lists.large
    key_of = _keys_of(resource)
    document = session.api.openapi
    described = members(lists.operation.success.payload, lists.listing.rows, document)
    shows = described or frozenset()  # rows that aren't described may show less than a read

    def look() -> tuple[list[listing.Row], int]:
        if how is None:
            return list(lists.page(session.trial, home.arguments, **asked).records), 0
        walked = lists.walk(session.trial, home.arguments, **asked)
        session.trial.require(walked.ended, f"pages of {home.resource} that come to an end")
        return walked.records, max(len(page.records) for page in walked.pages)

    def wrong(rows: Sequence[listing.Row]) -> listing.Wrong | None:
        return listing.wrong(rows, wanted, key_of, things.alike, shows)

    rows, longest = session.until(look, lambda found: wrong(found[0]) is None)
    told = lists.asked(home.arguments, asked)
    arguments = frozenset(told) - home.arguments.keys()
    if (found := wrong(rows)) is not None:
        session.differ(found.kind, home, found.expected, found.actual, arguments)
    if limit in asked and longest > asked[limit]:
        expected, actual = f"at most {asked[limit]} rows on a page", f"{longest} rows"
        session.differ("long-page", home, expected, actual, arguments)
    order = lists.listing.order
    keys = {member.key for member in (*wanted.must, *wanted.may)}
    mine = [row for row in rows if home.place or key_of(row) in keys]
    if order is not None and how is not None:
        falling = order.default == "desc"
        ranks = [lists.rank(row) for row in mine]
        if (two := listing.disorder(ranks, lists.settled, falling)) is not None:
            expected = f"{'falling' if falling else 'rising'} order of {', '.join(order.by)}"
            session.differ("disorder", home, expected, " before ".join(map(shown, two)), arguments)
    if wanted.must:
        session.witness()


def _is_short(session: Session, lists: Lists) -> bool:
    return session.trial.learn(_Short(session.api.home.key, lists.resource.name, lists))


def _beside(lists: Lists, home: Home, given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with those that they need beside them."""
    asked = lists.asked(home.arguments, given)
    for needed, others in lists.listing.only_with.items():
        if needed not in asked and {*others} & given.keys():
            asked[needed] = lists.harmless(needed)
    return {n: v for n, v in asked.items() if n not in home.arguments}


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


def _allowed(lists: Lists, argument: str, value: int) -> bool:
    schema = lists.operation.schemas.get(argument, {})
    return not Validator(schema, lists.api.openapi).errors(value)


def _fits(lists: Lists, asked: Mapping[str, Any], limit: str) -> bool:
    """Whether a limit may stand beside the other arguments."""
    needs = [n for n, others in lists.listing.only_with.items() if limit in others]
    return all(name in asked for name in needs)


def _keys_of(resource: Resource) -> Callable[[listing.Row], str | None]:
    def key_of(row: listing.Row) -> str | None:
        key = row.get(resource.key or "")
        return str(key) if isinstance(key, str | int) else None

    return key_of


def _members(records: Sequence[log.Record]) -> list[listing.Member]:
    return [record.member for record in records]
