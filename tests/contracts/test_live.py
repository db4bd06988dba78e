"""What a run makes is written down first and removed in the end, whatever happens between."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from streamproof.contracts import cleanup
from streamproof.contracts.client import Client
from streamproof.contracts.live import CleanUp, Journal, Ledger, Lifecycle
from streamproof.contracts.masking import redacted, secrets
from streamproof.contracts.meter import Limits, Meter, RunEnded
from streamproof.contracts.names import Names
from streamproof.contracts.races import at_once
from streamproof.contracts.transport import NoAnswer, NotSent
from streamproof.contracts.wire import Answer, Outcome, Request
from streamproof.specs import api
from tests.contracts.scripted import Scripted

DOTIDE = api.load("dotide")


class Shelf:
    """A tiny Dotide: ids in a set; `trouble` may keep any request from being answered."""

    def __init__(self, trouble: Callable[[str], None] = lambda _: None) -> None:
        self.held: set[str] = set()
        self.trouble = trouble

    def __call__(self, method: str, target: str, body: bytes | None) -> Answer:
        self.trouble(method)
        key = json.loads(body or b"{}").get("id") or target.rpartition("/")[2]
        if method == "POST":
            self.held.add(key)
            return Answer(201, {}, json.dumps({"id": key}).encode())
        if key not in self.held:
            return Answer(404, {}, b"")
        if method == "DELETE":
            self.held.discard(key)
            return Answer(204, {}, b"")
        return Answer(200, {}, json.dumps({"id": key}).encode())


def _named(request: Request) -> str | None:
    return json.loads(request.body)["id"] if request.method == "POST" and request.body else None


def _made(outcome: Outcome) -> tuple[str, ...]:
    return (outcome.payload["id"],) if outcome.request.method == "POST" else ()


def _remove(client: Client, key: str) -> bool | None:
    if client.call("delete", id=key).accepted:
        return True
    return None if client.call("read", id=key).rejected else False


LIFECYCLE = Lifecycle(_named, _made, _remove)


NAMES = Names("abcdefgh")
A, B, C = (NAMES.letters() for _ in range(3))


def journalled(shelf: Shelf, *files: Path) -> tuple[Client, Journal]:
    journal = Journal("abcdefgh", files=files)
    ledger = Ledger(journal, LIFECYCLE)
    return Client(DOTIDE, Scripted(shelf), {}, ledger=ledger), journal


def clean_up(journal: Journal, client: Client, life: Lifecycle = LIFECYCLE) -> CleanUp:
    client.meter.for_clean_up()
    return cleanup.clean_up(journal, life, client.meter, NAMES)


def counts(done: CleanUp) -> tuple[int, int, int]:
    return done.created, done.deleted, done.left


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleanup, "PATIENCE_S", 0.0)
    monkeypatch.setattr(cleanup, "_PAUSES_S", (0.0,))


def test_everything_made_is_removed_and_nothing_else() -> None:
    shelf = Shelf()
    shelf.held.add("theirs")
    client, journal = journalled(shelf)
    for key in (A, B, C):
        client.call("create", id=key)
    client.call("delete", id=B)
    assert counts(clean_up(journal, client)) == (3, 3, 0)
    assert shelf.held == {"theirs"}


def test_a_key_is_in_the_file_before_its_creation_is_sent(tmp_path: Path) -> None:
    file = tmp_path / "created.jsonl"

    def look(method: str) -> None:
        if method == "POST":
            head, entry = map(json.loads, file.read_text().splitlines())
            assert head["run_id"] == "abcdefgh"
            assert entry == {"key": A, "url": "http://scripted"}

    client, _ = journalled(Shelf(look), file)
    assert client.call("create", id=A).accepted


def test_what_can_not_be_written_down_is_not_made() -> None:
    shelf = Shelf()
    client, journal = journalled(shelf, Path("/dev/full"))
    with pytest.raises(RunEnded, match="the journal can't be written"):
        client.call("create", id=A)
    assert not shelf.held
    assert counts(clean_up(journal, client)) == (0, 0, 0)


def test_a_creation_whose_answer_was_lost_is_removed_too() -> None:
    shelf = Shelf()
    client, journal = journalled(shelf)

    class Deaf(Scripted):
        def exchange(self, *request: object) -> Answer:
            super().exchange(*request)  # type: ignore[arg-type]
            raise NoAnswer("no whole answer within 1 s")

    hearing, client.transport = client.transport, Deaf(shelf)
    client.call("create", id=A)
    client.transport = hearing
    assert shelf.held == {A}
    assert counts(clean_up(journal, client)) == (1, 1, 0)
    assert not shelf.held


def test_what_never_reached_the_target_is_not_counted() -> None:
    def nobody(_method: str) -> None:
        raise NotSent("connection refused")

    client, journal = journalled(Shelf(nobody))
    client.call("create", id=A)
    assert counts(clean_up(journal, client)) == (0, 0, 0)


def test_what_can_not_be_removed_is_told_as_left() -> None:
    shelf = Shelf()
    client, journal = journalled(shelf)
    client.call("create", id=A)

    def down(method: str) -> None:
        raise NoAnswer("gone")

    shelf.trouble = down
    assert counts(clean_up(journal, client)) == (1, 0, 1)


def test_told_to_end_twice_it_leaves_the_rest_and_says_so() -> None:
    shelf = Shelf()
    client, journal = journalled(shelf)
    for key in (A, B, C):
        client.call("create", id=key)

    def told(_client: Client, key: str) -> bool | None:
        if key == B:
            client.meter.stop.ask()
            client.meter.stop.ask()
        return _remove(_client, key)

    client.meter.limits = replace(client.meter.limits, rate=1000.0)
    done = clean_up(journal, client, replace(LIFECYCLE, remove=told))
    assert done.left
    assert {left.key for left in done.remaining} == shelf.held
    assert {left.why for left in done.remaining} == {"interrupted"}


def test_limits_hold_for_all_clients_of_a_run_and_not_for_its_clean_up() -> None:
    client = Client(DOTIDE, Scripted(Shelf()), {}, Meter(Limits(max_requests=2)))
    client.at("/v1/other", {}).call("list")
    client.call("list")
    with pytest.raises(RunEnded, match="limit of 2 requests"):
        client.call("list")
    client.meter.for_clean_up()
    assert client.call("list").answered


def test_a_race_is_one_silence_and_not_many() -> None:
    def deaf(_method: str) -> None:
        raise NoAnswer("reset")

    client = Client(DOTIDE, Scripted(Shelf(deaf)), {})
    outcomes = at_once(client, [client.request("read", id="a")] * 8)
    assert not any(outcome.answered for outcome in outcomes)
    assert not client.call("list").answered  # sent: the run goes on


def test_a_race_whose_limits_are_used_up_ends_and_does_not_hang() -> None:
    client = Client(DOTIDE, Scripted(Shelf()), {}, Meter(Limits(max_requests=4)))
    with pytest.raises(RunEnded):
        at_once(client, [client.request("read", id="a")] * 8)


def test_no_secret_stands_in_a_journal(tmp_path: Path) -> None:
    file = tmp_path / "created.jsonl"
    hide = secrets(["id:a-secret-of-mine"])
    journal = Journal("abcdefgh", files=(file,), hide=lambda text: redacted(text, hide))
    client = Client(DOTIDE, Scripted(Shelf()), {}, ledger=Ledger(journal, LIFECYCLE))
    client.call("create", id="x-a-secret-of-mine")
    assert "a-secret-of-mine" not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_what_the_run_did_not_name_is_removed_only_if_it_carries_the_mark() -> None:
    shelf = Shelf()
    client, journal = journalled(shelf)
    for key in ("theirs", "ours"):
        client.call("create", id=key)
    life = replace(
        LIFECYCLE,
        look=lambda client, key: replace(
            client.call("read", id=key),
            payload={"id": key, "tags": [NAMES.mark] if key == "ours" else ["ownership"]},
        ),
    )
    done = clean_up(journal, client, life)
    assert shelf.held == {"theirs"}
    assert [left.key for left in done.remaining] == ["theirs"]
    assert "doesn't carry the run's mark" in done.remaining[0].why
