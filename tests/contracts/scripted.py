"""A target in a few lines, for tests of the suite itself."""

from collections.abc import Callable, Mapping

from streamproof.contracts.wire import Answer

Respond = Callable[[str, str, bytes | None], Answer]


class Scripted:
    """A transport that answers by a function of method, target and body, and counts."""

    url = "http://scripted"

    def __init__(self, respond: Respond) -> None:
        self.respond, self.count = respond, 0

    def exchange(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        self.count += 1
        return self.respond(method, target, body)

    def at(self, path: str) -> "Scripted":
        return self

    def bound(self, horizon: Callable[[], float]) -> None: ...

    def close(self) -> None: ...
