"""Command lines of a race take what its answers named, whoever wins this time."""

from __future__ import annotations

import json
import os
import subprocess
from itertools import count

from streamproof.contracts.client import Client
from streamproof.contracts.races import at_once
from streamproof.contracts.story import commands
from streamproof.contracts.transport import HttpTransport
from streamproof.specs import api
from tests.sockets import Asked, serving

DOTIDE = api.load("dotide")
BASIC = {"basic": "me:secret"}


class Contest:
    """A server at which the creates of `winners` are accepted, under ids that it makes up."""

    def __init__(self) -> None:
        self.winners: tuple[str, ...] = ()
        self.made: list[str] = []
        self.asked: list[str] = []
        self._numbers = count(1)

    def __call__(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        media = {"Content-Type": "application/json"}
        if asked.command == "POST":
            if json.loads(asked.body)["name"] not in self.winners:
                return 409, media, b'{"message": "another is being made"}'
            self.made.append(f"made-by-the-server-{next(self._numbers)}")
            return 201, media, json.dumps({"id": self.made[-1]}).encode()
        self.asked.append(asked.path.rpartition("/")[2])
        return 200, media, b"{}"

    def now(self, *winners: str) -> None:
        self.winners, self.made, self.asked = winners, [], []


def test_what_a_race_named_is_taken_from_whoever_wins_this_time() -> None:
    contest = Contest()
    with serving(contest) as at:
        url = f"http://{at}/v1/demo"
        client = Client(DOTIDE, HttpTransport(url), BASIC)
        contest.now("racer 1", "racer 2")
        racers = [client.request("create", name=f"racer {n}", type="number") for n in range(4)]
        steps = at_once(client, racers)
        steps += [client.call("read", id=key) for key in contest.made]
        told = commands(steps, "dotide", url)

        contest.now("racer 0", "racer 3")
        path = {"PATH": os.environ["PATH"], "STREAMPROOF_BASIC": BASIC["basic"]}
        script = "\n".join(told)
        done = subprocess.run(["bash", "-c", script], env=path, capture_output=True, text=True)

    assert "Traceback" not in done.stderr
    assert done.stderr.count("another is being made") == 2
    assert len(contest.made) == 2
    assert sorted(contest.asked) == sorted(contest.made)
    assert all(line.isascii() and line.isprintable() for line in told)


def test_where_nobody_wins_the_lines_go_on() -> None:
    contest = Contest()
    with serving(contest) as at:
        url = f"http://{at}/v1/demo"
        client = Client(DOTIDE, HttpTransport(url), BASIC)
        contest.now("racer 1")
        racers = [client.request("create", name=f"racer {n}", type="number") for n in range(2)]
        steps = [*at_once(client, racers), client.call("read", id=contest.made[0])]
        script = "\n".join(commands(steps, "dotide", url))

        contest.now()
        path = {"PATH": os.environ["PATH"], "STREAMPROOF_BASIC": BASIC["basic"]}
        done = subprocess.run(["bash", "-c", script], env=path, capture_output=True, text=True)

    assert "Traceback" not in done.stderr
    assert contest.asked == [""]
