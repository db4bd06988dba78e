"""Every other service in many seeds: `python -m tests.others [options] [CASE…]`.

A case is a name such as `bge-strict`; without any, all are run. Prints a line a run, and what was
said against a service. The exit code is 1 if anything was: no rule may fail on any of them, ever.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from fnmatch import fnmatchcase

from streamproof.contracts.verdict import Verdict
from tests.others.trials import CASES, alarms, judged, judged_by_reading, server_of


def main() -> int:
    parser = ArgumentParser(prog="python -m tests.others")
    parser.add_argument("--seeds", type=int, default=20, help="seeds 1 to this one")
    parser.add_argument("--http", action="store_true", help="over HTTP, not in process")
    parser.add_argument("--kept", action="store_true", help="one server for all seeds of a case")
    parser.add_argument("--read-only", action="store_true", help="runs that only read")
    parser.add_argument("cases", nargs="*", default=["*"], help="names or patterns of cases")
    asked = parser.parse_args()
    cases = [c for c in CASES if any(fnmatchcase(str(c), pattern) for pattern in asked.cases)]
    clean, untested = 0, Counter[str]()
    for case in cases:
        server = server_of(case)
        for seed in range(1, asked.seeds + 1):
            server = server if asked.kept else server_of(case)
            if asked.read_only:
                run, _ = judged_by_reading(case, seed)
            else:
                run = judged(case, server, seed, http=asked.http)
            found = alarms(run)
            clean += not found
            counts = Counter(ruling.verdict.value for ruling in run.rulings)
            told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
            print(f"{case} {seed}: {told}; {run.requests} requests, {run.duration_s:.0f} s")
            for alarm in found:
                print(f"    {alarm}")
            sys.stdout.flush()
            untested.update(
                f"{case} {ruling.rule.level.value} {ruling.rule.id}: {ruling.message}"
                for ruling in run.rulings
                if ruling.verdict is Verdict.NOT_TESTED
            )
    for told, count in sorted(untested.items()):
        print(f"not tested in {count}: {told}")
    print(f"{clean} of {len(cases) * asked.seeds} runs without a failure")
    return int(clean < len(cases) * asked.seeds)


if __name__ == "__main__":
    sys.exit(main())
