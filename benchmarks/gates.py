"""How often the champion gate promotes, holds and rejects: a simulation with known truth.

    python benchmarks/gates.py              the whole table, about a minute at most
    python benchmarks/gates.py --quick      fewer draws, a few seconds
    python benchmarks/gates.py --json       the same as one JSON object on the last line

Each draw is one holdout: of its rows, some only the candidate gets right (wins), some only the champion
(losses), the rest both or neither. The gate sees these counts and nothing else. Disagreement is wins and losses as
a share of the rows. Exit code 1 if an aim is missed.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

try:
    from headgate.gates.champion import outcome, rows_to_settle
except ModuleNotFoundError:     # run as a file: this folder is on the path instead of the checkout
    sys.path.append(str(Path(__file__).resolve().parents[1]))
    from headgate.gates.champion import outcome, rows_to_settle

MARGIN = 0.02
ROWS = (100, 300, 1_000, 3_000, 10_000, 30_000)
DISAGREEMENTS = (0.01, 0.02, 0.03, 0.05, 0.10, 0.20)
SCENARIOS = {"better": 0.01, "equal": 0.0, "slightly worse": -0.01, "worse by the margin": -MARGIN,
             "worse by more": -0.03}
AT_MOST, AT_LEAST = 0.05, 0.80


def main(arguments=None):
    """Simulate, print, and return the exit code."""
    options = _parse(arguments)
    started = time.perf_counter()
    random = np.random.default_rng(options.seed)
    draws = options.draws or (20_000 if options.quick else 200_000)
    table = simulate(random, draws)
    sizes = [equal_models_from(random, rate, max(draws // 10, 5_000)) for rate in DISAGREEMENTS]
    aims = judge_aims(table, sizes, noise=3 * (AT_MOST * (1 - AT_MOST) / draws) ** 0.5)
    _print(table, sizes, aims, draws, time.perf_counter() - started)
    if options.json:
        print(json.dumps({"margin": MARGIN, "draws": draws, "table": table, "equal_from": sizes, "aims": aims}))
    return 0 if all(aim["met"] for aim in aims) else 1


def simulate(random, draws):
    """Return one record per scenario, disagreement rate and number of rows."""
    return [{"scenario": name, "difference": difference, "disagreement": rate, "rows": rows,
             **shares(random, difference, rate, rows, draws)}
            for name, difference in SCENARIOS.items()
            for rate in DISAGREEMENTS if rate >= abs(difference)
            for rows in ROWS]


def shares(random, difference, rate, rows, draws):
    """Return the shares of `draws` holdouts that are promoted, held and rejected."""
    wins, losses = draw_counts(random, difference, rate, rows, draws)
    told = outcome(wins, losses, rows, margin=MARGIN)
    return {word: float(np.mean(told == verdict))
            for word, verdict in (("promoted", "pass"), ("held", "hold"), ("rejected", "fail"))}


def draw_counts(random, difference, rate, rows, draws):
    """Draw (wins, losses), each of shape (draws,)."""
    differing = random.binomial(rows, rate, size=draws)
    wins = random.binomial(differing, (rate + difference) / 2 / rate)
    return wins.astype(float), (differing - wins).astype(float)


def equal_models_from(random, rate, draws):
    """Return from how many rows on equal models are promoted at least as often as is aimed at.

    A grid of 2 % steps from half to twice the formula's number; the counts are whole, so the share moves in small
    teeth: taken is the number after the last grid point that falls short.
    """
    formula = rows_to_settle(0.0, rate, margin=MARGIN, chance=AT_LEAST)
    grid = np.unique(np.round(formula * 1.02 ** np.arange(-35, 36)).astype(int))
    promoted = np.array([shares(random, 0.0, rate, int(rows), draws)["promoted"] for rows in grid])
    short = np.flatnonzero(promoted < AT_LEAST)
    place = min(short[-1] + 1, len(grid) - 1) if len(short) else 0
    return {"disagreement": rate, "formula": formula, "rows": int(grid[place]), "promoted": float(promoted[place])}


def judge_aims(table, sizes, *, noise):
    """Return the aims with the worst value seen.

    noise : what a simulation of this size may show over a true 5 %; granted at the margin itself alone, where the
    true share comes as near to 5 % as it may.
    """
    over = max(row["promoted"] for row in table if row["difference"] < -MARGIN)
    brink = max(row["promoted"] for row in table if row["difference"] == -MARGIN)
    equal = max(row["rejected"] for row in table if row["difference"] == 0)
    beyond = [size["promoted"] for size in sizes]
    beyond += [row["promoted"] for row in table if row["difference"] == 0
               for size in sizes if size["disagreement"] == row["disagreement"] and row["rows"] >= size["rows"]]
    return [_aim("worse by more than the margin: promoted at most", over, AT_MOST, over <= AT_MOST),
            _aim("worse by exactly the margin: promoted at most", brink, AT_MOST, brink <= AT_MOST + noise),
            _aim("equal: rejected at most", equal, AT_MOST, equal <= AT_MOST),
            _aim("equal, from the stated rows on: promoted at least", min(beyond), AT_LEAST, min(beyond) >= AT_LEAST)]


def _aim(name, seen, limit, met):
    return {"aim": name, "limit": limit, "seen": seen, "met": bool(met)}


def _print(table, sizes, aims, draws, seconds):
    print(f"Champion gate, margin {MARGIN:.2f}, {draws:,} simulated holdouts per line\n")
    print(f"{'scenario':<20} {'difference':>10} {'disagree':>8} {'rows':>7} "
          f"{'promoted':>9} {'held':>7} {'rejected':>9}")
    for row in table:
        print(f"{row['scenario']:<20} {row['difference']:>+10.2f} {row['disagreement']:>8.0%} {row['rows']:>7,} "
              f"{row['promoted']:>9.1%} {row['held']:>7.1%} {row['rejected']:>9.1%}")
    print(f"\nEqual models are promoted in at least {AT_LEAST:.0%} from this many rows on")
    print(f"{'disagree':>8} {'simulated':>10} {'formula':>8}")
    for size in sizes:
        print(f"{size['disagreement']:>8.0%} {size['rows']:>10,} {size['formula']:>8,}")
    print()
    for aim in aims:
        print(f"{'met   ' if aim['met'] else 'MISSED'}  {aim['aim']} {aim['limit']:.0%}; seen {aim['seen']:.2%}")
    print(f"\n{seconds:.1f} s")


def _parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the draws")
    parser.add_argument("--draws", type=int, help="simulated holdouts per line (200,000)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
