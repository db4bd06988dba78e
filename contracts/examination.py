"""One check as a hypothesis property: examples are generated, and a failing one is shrunk.

The smallest failing example is kept as it was seen, and shrinking stops when its budget of
requests is spent; so a failure is reported even where a target doesn't repeat it.
"""

from __future__ import annotations

import hashlib
import random
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis import strategies as st
from hypothesis.configuration import set_hypothesis_home_dir, storage_directory
from hypothesis.core import encode_failure
from hypothesis.errors import (
    DidNotReproduce,
    Flaky,
    HypothesisDeprecationWarning,
    UnsatisfiedAssumption,
)
from hypothesis.internal.conjecture import providers

from streamproof.contracts.abreast import NotBeside
from streamproof.contracts.check import Broken, Mismatch, Trial, Unavailable, Unmet
from streamproof.contracts.client import WouldWrite
from streamproof.contracts.finding import Finding
from streamproof.contracts.meter import Meter, RunEnded
from streamproof.contracts.wire import Outcome
from streamproof.specs.errors import SpecError

LATEST_TRIED = "6.170.17"
_LOOKS_AROUND = "is_local_module_file"
_ANEW = 3  # how often a check is begun anew because nobody judged its last example


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard a run tries: examples a check, and requests that shrinking a failure may cost."""

    seed: int
    max_examples: int = 20
    shrink_requests: int = 200


@dataclass(slots=True)
class Examination:
    """Runs a check until it has failed, judged all its examples, or the run has ended.

    With the seed `name` settles what is drawn. `trial(draw)` makes the surroundings of an
    example; `ended` says why the run is over, if it is. `elsewhere` is told of a broken rule that
    isn't the check's own, with the steps that led there. A check that has to go
    `alone` and didn't has shown nothing.
    """

    name: str
    check: Callable[[Trial], None]
    finding: Finding
    trial: Callable[[Callable[[st.SearchStrategy[Any]], Any]], Trial]
    meter: Meter
    effort: Effort
    elsewhere: Callable[[Mismatch, Sequence[Outcome]], None]
    ended: str | None = None
    alone: bool = field(default=False, init=False)
    _tried: int = field(default=0, init=False)
    _away: bool = field(default=False, init=False)  # nobody judged the last example
    _spent_at: int | None = field(default=None, init=False)  # requests, when shrinking is over
    _first: Sequence[Any] | None = field(default=None, init=False)  # what was drawn when it failed
    _kept: Sequence[Any] | None = field(default=None, init=False)  # and for the smallest of these

    def run(self) -> None:
        """Examine. A target that answers otherwise when asked again makes hypothesis give up:
        then it goes on from another seed with the examples that are left."""
        turn = 0
        while self._tried < self.effort.max_examples and not self._done:
            before = self._tried
            try:
                self._property(turn)()
                if not self._away or turn == _ANEW:
                    return
                turn += 1
            except (Broken, Flaky):
                turn += 1
            except Exception:
                self.finding.crash = traceback.format_exc()
            if self._tried == before:
                return

    def again(self) -> bool:
        """Whether the smallest example that failed does so once more, or else the first, under
        other names; the finding tells then what was seen there."""
        for choices in (self._kept, self._first):
            if choices is not None and self._replay(choices):
                return True
        return False

    def _replay(self, choices: Sequence[Any]) -> bool:
        seen: list[Broken] = []

        def example(data: st.DataObject) -> None:
            trial = self.trial(data.draw)
            try:
                self.check(trial)
            except Broken as broken:
                if not any(step.doubtful for step in trial.transcript):
                    self.finding.mismatch = broken.mismatch
                    self.finding.steps = tuple(trial.transcript)
                    seen.append(broken)
            except Unmet:
                pass
            except RunEnded as end:
                self.ended = str(end)

        blob = encode_failure(choices)
        replayed = hypothesis.reproduce_failure(hypothesis.__version__, blob)
        try:
            replayed(self._settings(1)(hypothesis.given(st.data())(example)))()
        except DidNotReproduce:
            pass
        except Exception:
            self.finding.crash = traceback.format_exc()
        return bool(seen)

    @property
    def _done(self) -> bool:
        finding = self.finding
        return bool(self.ended or self.alone or finding.crash or finding.mismatch)

    def _example(self, data: st.DataObject) -> None:
        if self.ended or self.alone or self.finding.crash:
            return
        if self._spent_at is not None and self.meter.spent >= self._spent_at:
            return
        drawn = False

        def draw(strategy: st.SearchStrategy[Any]) -> Any:
            nonlocal drawn
            drawn = True
            return data.draw(strategy)

        trial, finding = self.trial(draw), self.finding
        trial.hurried = finding.mismatch is not None
        self._tried += 1
        self._away = False
        try:
            self.check(trial)
            finding.examples += 1
            finding.seen |= trial.seen
        except Broken as broken:
            if any(step.doubtful for step in trial.transcript):
                finding.unmet, self._away = f"a call answered 503 may be why: {broken}", True
                return
            finding.examples += finding.mismatch is None
            if finding.keep(broken.mismatch, trial.transcript):
                self._kept = data.conjecture_data.choices
                self._first = self._first or self._kept
            if self._spent_at is None:
                budget = self.effort.shrink_requests if drawn else 0
                self._spent_at = self.meter.spent + budget
            if finding.mismatch and finding.mismatch.reason == broken.mismatch.reason:
                raise
            # Another fault than the one that is being shrunk: not what hypothesis looks for.
        except Unmet as unmet:
            finding.unmet, finding.owed = str(unmet), unmet.owed
            if unmet.broken is not None:
                self.elsewhere(unmet.broken, unmet.steps or trial.transcript)
            self._away = isinstance(unmet, Unavailable)
        except WouldWrite as fault:
            finding.unmet = str(fault)
        except RunEnded as end:
            self.ended = finding.unmet = str(end)
        except NotBeside:
            self.alone = True
        except (UnsatisfiedAssumption, Flaky):
            raise
        except Exception:
            finding.crash = traceback.format_exc()

    def _property(self, turn: int) -> Callable[[], None]:
        text = f"{self.effort.seed}:{self.name}:{turn}"
        settings = self._settings(self.effort.max_examples - self._tried)
        seeded = hypothesis.seed(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]))
        return seeded(settings(hypothesis.given(st.data())(self._example)))

    def _settings(self, max_examples: int) -> hypothesis.settings:
        return hypothesis.settings(
            max_examples=max_examples,
            phases=(Phase.generate, Phase.shrink),
            deadline=None,
            database=None,
            derandomize=False,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
        )


@contextmanager
def nothing_but_the_seed() -> Iterator[None]:
    """Keep hypothesis from drawing constants that it finds in the modules around it, and from
    leaving a folder of its own where the user stands.

    They would make what a seed draws depend on whatever else is loaded. What the process draws at
    random is as before. There is no setting, so
    a private name of hypothesis is replaced. Raises `SpecError` where there is none.
    """
    usual = getattr(providers, _LOOKS_AROUND, None)
    if usual is None:
        raise SpecError(
            "hypothesis",
            "",
            f"{hypothesis.__version__} is installed, and would draw otherwise than the seed says; "
            f"6.165 to {LATEST_TRIED} were tried: pip install 'hypothesis<={LATEST_TRIED}'",
        )
    found: Any = storage_directory(intent_to_write=False)
    home = getattr(found, "path", found)  # a plain path in some versions
    setattr(providers, _LOOKS_AROUND, lambda _file: False)
    dice = random.getstate()
    try:
        with TemporaryDirectory(prefix="streamproof-") as nowhere, warnings.catch_warnings():
            # each of its threads seeds the one `random` of the process, and takes the others' doing
            # so for ours; nothing is drawn from there
            warnings.simplefilter("ignore", HypothesisDeprecationWarning)
            set_hypothesis_home_dir(nowhere)
            yield
    finally:
        random.setstate(dice)
        setattr(providers, _LOOKS_AROUND, usual)
        set_hypothesis_home_dir(home)
