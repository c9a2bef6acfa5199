"""How long an unchanged re-run takes.

    python benchmarks/noop.py [--model flights] [--runs 7]

Floor in the same run: the interpreter importing what parses a spec (pydantic, PyYAML, typer) and nothing else.
"""

import argparse
import tempfile

try:
    from benchmarks.measure import median, python
except ModuleNotFoundError:     # run as a file: this folder is on the path instead of the checkout
    from measure import median, python


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="flights")
    parser.add_argument("--runs", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        environment = {"HEADGATE_HOME": home}
        train = ("-m", "flows.train", "--model", arguments.model)
        first = python(*train, environment=environment)
        if first.code not in (0, 1):
            raise SystemExit(first.output)
        floor, again = [], []
        for _ in range(arguments.runs):
            floor.append(python("-c", "import pydantic, yaml, typer"))
            again.append(python(*train, environment=environment))
    if not all("Nothing changed" in one.output for one in again):
        raise SystemExit(f"a re-run was not unchanged:\n{again[0].output}")
    wall, base = (median([one.seconds for one in runs]) for runs in (again, floor))
    print(f"first run             {first.seconds:7.2f} s  {first.megabytes:6.0f} MB")
    print(f"unchanged re-run      {wall:7.2f} s  {max(one.megabytes for one in again):6.0f} MB   "
          f"median of {arguments.runs}, {min(one.seconds for one in again):.2f} to "
          f"{max(one.seconds for one in again):.2f}")
    print(f"floor (imports only)  {base:7.2f} s  {max(one.megabytes for one in floor):6.0f} MB")
    print(f"ratio to the floor    {wall / base:7.2f}     aim: under 1.5 s in all, under 150 MB")


if __name__ == "__main__":
    main()
