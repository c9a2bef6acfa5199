"""Does a test notice when a guard is switched off? Every gate, validation check and rule of retraining.

    python benchmarks/guards.py                     all of them, a few minutes
    python benchmarks/guards.py --only champion     those whose name is given
    python benchmarks/guards.py --json              the table as one JSON object on the last line

The checkout is copied, the tests pass there first, and then each guard is switched off in the copy's code in two ways:
it is asked and accepts whatever it sees, and it is never asked. The guards are read off the code's own registries, so a
new gate or check is in this table without being named here. Exit code 1 if a guard can be off without a failing test, 2
if the tests do not pass as they are.
"""

import argparse
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = {"gate": ("tests/unit/gates",), "check": ("tests/unit/validation", "tests/test_validation.py"),
         "rule": ("tests/unit/retraining/test_retraining_rules.py",)}
LEFT_OUT = shutil.ignore_patterns(".git", ".headgate*", ".venv*", "__pycache__", ".*_cache", "node_modules", "*.db")
LIMIT = 300

REGISTRIES = """
import json
from headgate.gates.verdict import GATES
from headgate.retraining.rules import HOLDS, REASONS
from headgate.validation.checks import CHECKS
place = lambda function: [function.__module__.replace(".", "/") + ".py", function.__name__]
print(json.dumps({"gates": {name: place(function) for name, (function, _) in GATES.items()},
                  "checks": [place(check) for check in CHECKS],
                  "rules": [[*place(rule), name] for name, rules in (("REASONS", REASONS), ("HOLDS", HOLDS))
                            for rule in rules]}))
"""
GATE_ACCEPTS = """

_asked = {name}


def {name}(*arguments, **limits):
    from dataclasses import replace

    return replace(_asked(*arguments, **limits), verdict="pass")
"""
GATE_ABSENT = """

_judged = judge


def judge(evidence, gates):
    return _judged(evidence, [gate for gate in gates if gate.gate != "{name}"])
"""
CHECK_ACCEPTS = """

_asked = {name}


def {name}(table):
    from dataclasses import replace

    for question in _asked(table):
        yield replace(question, judge=lambda measured, of=question.judge: replace(of(measured), ok=True))
"""
CHECK_ABSENT = """


def {name}(table):
    yield from ()
"""
RULE_SILENT = """

_asked = {name}


def _silent(spec, facts):
    from dataclasses import replace

    return replace(_asked(spec, facts), fires=False)


{registry} = tuple(_silent if rule is _asked else rule for rule in {registry})
"""
RULE_ABSENT = """

{registry} = tuple(rule for rule in {registry} if rule is not {name})
"""


@dataclass(frozen=True)
class Mutant:
    """One guard switched off: `code` is put at the end of `path`, so that it replaces the function of that name."""

    kind: str
    guard: str
    how: str
    path: str
    code: str


@dataclass(frozen=True)
class Result:
    """noticed_by : the first test that failed, "" if none did; broken : the tests did not come to run."""

    kind: str
    guard: str
    how: str
    noticed_by: str
    seconds: float
    broken: bool = False


def main(arguments=None):
    """Switch every guard off in turn, print the table, and return the exit code."""
    options = _parse(arguments)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="headgate-guards-") as place:
        copies = [copy_checkout(Path(place) / str(number)) for number in range(options.processes)]
        mutants = [one for one in all_mutants(copies[0]) if not options.only or one.guard in options.only]
        failing = [kind for kind in TESTS if first_to_notice(copies[0], kind) != ("", False)]
        if failing or not mutants:
            print(f"nothing to measure: {'tests fail as they are: ' + ', '.join(failing) if failing else 'no guard'}")
            return 2
        print(f"{len(mutants)} mutants; the tests pass as they are\n")
        results = run_all(mutants, copies)
    return _conclude(results, time.perf_counter() - started, options.json)


def copy_checkout(place):
    """Copy the working tree, uncommitted changes and all; return where it is."""
    return shutil.copytree(ROOT, place, ignore=LEFT_OUT, symlinks=True)


def all_mutants(copy):
    """Return every Mutant of the registries in the code."""
    answer = subprocess.run([sys.executable, "-c", REGISTRIES], cwd=copy, env=_environment(), capture_output=True,
                            text=True, check=True)
    found = json.loads(answer.stdout)
    functions = sorted({tuple(place) for place in found["gates"].values()})
    return [*(Mutant("gate", name.removesuffix("_gate"), "accepts anything", path, GATE_ACCEPTS.format(name=name))
              for path, name in functions),
            *(Mutant("gate", name, "is never asked", "headgate/gates/verdict.py", GATE_ABSENT.format(name=name))
              for name in found["gates"]),
            *(Mutant("check", name, "accepts anything", path, CHECK_ACCEPTS.format(name=name))
              for path, name in found["checks"]),
            *(Mutant("check", name, "is never asked", path, CHECK_ABSENT.format(name=name))
              for path, name in found["checks"]),
            *(Mutant("rule", name, how, path, code.format(name=name, registry=registry))
              for path, name, registry in found["rules"]
              for how, code in (("never fires", RULE_SILENT), ("is never asked", RULE_ABSENT)))]


def run_all(mutants, copies):
    """Return the Result of every mutant, one at a time in each copy."""
    free = queue.SimpleQueue()
    for copy in copies:
        free.put(copy)

    def run(mutant):
        copy = free.get()
        try:
            result = try_out(mutant, copy)
        finally:
            free.put(copy)
        print(_line(result), flush=True)
        return result

    with ThreadPoolExecutor(len(copies)) as pool:
        return list(pool.map(run, mutants))


def try_out(mutant, copy):
    """Switch one guard off in a copy, run the tests, and put the code back."""
    started, path = time.perf_counter(), copy / mutant.path
    before = path.read_text(encoding="utf-8")
    path.write_text(before + mutant.code, encoding="utf-8")
    try:
        noticed_by, broken = first_to_notice(copy, mutant.kind)
    finally:
        path.write_text(before, encoding="utf-8")
    return Result(mutant.kind, mutant.guard, mutant.how, noticed_by, time.perf_counter() - started, broken)


def first_to_notice(copy, kind):
    """Return (first test that fails every time it is asked, or "", whether the tests did not come to run).

    A test that fails once and then passes, for a busy machine makes some late, has noticed nothing.
    """
    chance = []
    while True:
        code, output = run_tests(copy, *TESTS[kind], *(f"--deselect={name}" for name in chance))
        failed = re.findall(r"^FAILED (.+?)(?: - .*)?$", output, re.MULTILINE)
        if not failed:
            return "", code != 0
        again = run_tests(copy, failed[0])[0]
        if again:
            return failed[0], again != 1
        chance.append(failed[0])


def run_tests(copy, *chosen):
    """Run tests until the first fails; return (exit code, output)."""
    done = subprocess.run([sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *chosen],
                          cwd=copy, env=_environment(), capture_output=True, text=True, timeout=LIMIT)
    return done.returncode, done.stdout + done.stderr


def _environment():
    """No byte code is kept: two mutants of one length in one second would pass for each other."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "HEADGATE_ROOT")}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "400"}


def _line(result):
    answer = result.noticed_by or "NOT NOTICED"
    if result.broken:
        answer = "THE TESTS DID NOT RUN"
    return f"{result.kind:<6} {result.guard:<18} {result.how:<17} {result.seconds:>5.1f} s  {answer}"


def _conclude(results, seconds, as_json):
    unnoticed = [one for one in results if one.broken or not one.noticed_by]
    print(f"\n{len(results) - len(unnoticed)} of {len(results)} noticed, {seconds:.0f} s")
    for one in unnoticed:
        print(f"NOT NOTICED: {one.kind} {one.guard} {one.how}")
    if as_json:
        print(json.dumps({"mutants": [asdict(one) for one in results], "seconds": seconds}))
    return 1 if unnoticed else 0


def _parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="GUARD", help="names of gates and checks (all of them)")
    parser.add_argument("--processes", type=int, default=2, help="mutants tried at a time (2)")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
