"""Rules as tests: `pytest --pyargs streamproof.contracts --streamproof-target NAME`.

Each selected rule is an item. What pytest selects is judged in one run, by the first item that is
executed, for rules depend on each other and share what they make; the items then tell their
verdicts. Workers of pytest-xdist share the run of the first of them.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any

import pytest

from streamproof.specs.errors import SpecError
from streamproof.specs.rulebook import Rule

if TYPE_CHECKING:
    from streamproof.config import TargetConfig
    from streamproof.contracts.run import Run

_SUMMARY = "streamproof"  # the property of a report that tells of its run
_LOOKS_S = 0.1  # between looks for what another worker has found


class Broken(Exception):
    """A rule does not hold, or is documented and was not tested."""


class Rules:
    """The plugin of one session against one target."""

    def __init__(self, config: pytest.Config) -> None:
        from streamproof.config import DEFAULT_FILE, read_target
        from streamproof.judge import require_checks

        require_checks("--streamproof-target")
        option = config.getoption
        try:
            file = Path(option("--streamproof-config") or DEFAULT_FILE)
            self.target: TargetConfig = read_target(file, option("--streamproof-target"))
        except SpecError as fault:
            raise pytest.UsageError(str(fault)) from None
        self._config = config
        self._told: Mapping[str, Any] | None = None
        self._summary: str | None = None
        for mark in sorted({mark for rule in self.target.api.rulebook for mark in marks(rule)}):
            config.addinivalue_line("markers", f"{mark}: rules of streamproof")

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> Any:
        from streamproof import contracts

        own = file_path.name == "__init__.py" and file_path.samefile(str(contracts.__file__))
        return RuleFile.from_parent(parent, path=file_path, rules=self) if own else None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._summary = dict(report.user_properties).get(_SUMMARY) or self._summary  # type: ignore[assignment]

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if self._summary:
            terminalreporter.write_line(self._summary)

    def told(self, session: pytest.Session) -> Mapping[str, Any]:
        """What the run of this session says, by rule; it is made when it is first asked for."""
        if self._told is None:
            chosen = [item.rule.id for item in session.items if isinstance(item, RuleItem)]
            worker: Mapping[str, Any] = getattr(self._config, "workerinput", {})
            if worker:
                self._told = _shared(str(worker["testrunuid"]), lambda: self._judge(chosen))
            else:
                self._told = self._judge(chosen)
        return self._told

    def _judge(self, chosen: Iterable[str]) -> dict[str, Any]:
        from streamproof.contracts.run import Options, Selection, run
        from streamproof.judge import reached
        from streamproof.waivers import read_waivers

        ids, option = tuple(chosen), self._config.getoption
        every = len(ids) == len(self.target.api.rulebook.rules)
        options = Options(
            Selection(() if every else ids),
            seed=option("--streamproof-seed"),
            run_id=option("--streamproof-run-id"),
        )
        try:
            if waivers := option("--streamproof-waivers"):
                from dataclasses import replace

                options = replace(options, waivers=read_waivers(Path(waivers)))
            with reached(self.target) as subject:
                return _telling(run(subject, options))
        except SpecError as fault:
            return {"fault": str(fault)}


def _telling(seen: Run) -> dict[str, Any]:
    """A run as plain data: verdict, message and account of each rule, and what tells of it all."""
    from streamproof.contracts.report.console import summary
    from streamproof.contracts.report.junit import account
    from streamproof.contracts.report.words import clean
    from streamproof.specs.wording import printable

    lines = summary(seen).plain.splitlines()
    replay = f"--streamproof-seed {seen.seed} --streamproof-run-id {seen.run_id}"
    rules = {
        ruling.rule.id: {
            "verdict": ruling.verdict.value,
            "message": printable(clean(seen, ruling.message)),
            "account": "\n".join(account(seen, ruling)) if ruling.broken else "",
        }
        for ruling in seen.rulings
    }
    return {"summary": f"{lines[0]}\nreplay: {replay}", "rules": rules}


def _shared(run: str, judge: Any) -> Mapping[str, Any]:
    """What the first worker that asks finds, for all workers of a run."""
    folder = Path(tempfile.gettempdir(), f"streamproof-{run}")
    found = folder / "run.json"
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        while not found.exists():
            time.sleep(_LOOKS_S)
        told: Mapping[str, Any] = json.loads(found.read_text("utf-8"))
        return told
    half = folder / "half.json"
    try:
        told = judge()
    except BaseException as fault:
        half.write_text(json.dumps({"fault": f"the run ended: {type(fault).__name__}"}), "utf-8")
        half.replace(found)
        raise
    half.write_text(json.dumps(told), "utf-8")
    half.replace(found)
    return told


def marks(rule: Rule) -> Iterator[str]:
    """The marks of a rule: its API, its operation, its level."""
    yield rule.id.partition("/")[0]
    yield rule.operation.replace("-", "_")
    yield rule.level.value


class RuleFile(pytest.File):
    """All rules of the target's API, in the order of the document."""

    def __init__(self, *, rules: Rules, **more: Any) -> None:
        super().__init__(**more)
        self._rules = rules

    def collect(self) -> Iterable[pytest.Item]:
        for rule in self._rules.target.api.rulebook:
            item = RuleItem.from_parent(self, name=rule.id, rule=rule, rules=self._rules)
            for mark in marks(rule):
                item.add_marker(mark)
            yield item


class RuleItem(pytest.Item):
    """A rule as a test: it passes if the rule holds."""

    def __init__(self, *, rule: Rule, rules: Rules, **more: Any) -> None:
        super().__init__(**more)
        self.rule, self._rules = rule, rules
        self.obj = FunctionType((lambda: None).__code__, {}, rule.id)
        self.obj.__doc__ = rule.en

    def runtest(self) -> None:
        told = self._rules.told(self.session)
        if fault := told.get("fault"):
            raise Broken(fault)
        self.user_properties.append((_SUMMARY, told["summary"]))
        found = told["rules"][self.rule.id]
        match found["verdict"]:
            case "passed":
                return
            case "failed" | "harness_error":
                raise Broken(found["account"] or found["message"])
            case "not_tested" if self.rule.level.is_documented:
                raise Broken(f"not tested: {found['message']}")
            case _:
                pytest.skip(found["message"])

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        if isinstance(excinfo.value, Broken):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, self.rule.id
