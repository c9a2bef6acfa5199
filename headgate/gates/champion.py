"""Gate: not worse than the champion, on the same rows.

Three outcomes, by one-sided 95 % bounds of the paired difference in accuracy (candidate less champion):
promote if the lower bound is above -margin; reject if the upper bound is below it; else hold, for the data cannot tell.
"""

import math
from statistics import NormalDist

import numpy as np

from headgate.gates.intervals import exceeds, null_variance, paired_lower, paired_upper
from headgate.gates.result import FAIL, HOLD, PASS, GateResult
from headgate.gates.wording import as_limit, rows_of, shown, signed

CHANCE = 0.80
MOST_ROWS = 10_000_000


def champion_gate(evidence, *, margin):
    """Judge the candidate against the champion on the paired rows.

    Passes where there is no champion yet. Holds where the champion cannot score these rows, where it trained
    on every one of them, and where it is elsewhere and was not asked.
    """
    champion = evidence.champion
    if champion is None and evidence.champion_elsewhere:
        return GateResult("champion", None, -margin, HOLD, "The champion is on the Prefect server and was not asked.")
    if champion is None:
        return GateResult("champion", None, -margin, PASS, "There is no champion yet to compare with.")
    details = {"version": champion.version, "rows": 0}
    if champion.unavailable is not None:
        sentence = f"The champion (version {champion.version}) cannot score these rows: {champion.unavailable}"
        return GateResult("champion", None, -margin, HOLD, sentence.rstrip(".") + ".", details)
    if not np.any(champion.rows):
        sentence = (f"No row of the holdout is new to the champion (version {champion.version}), "
                    "so nothing compares the two fairly; newer rows would.")
        return GateResult("champion", None, -margin, HOLD, sentence, details)
    return _compare(evidence, champion, margin)


def outcome(wins, losses, rows, *, margin):
    """Return "pass", "hold" or "fail" for counts of paired rows; arrays give an array.

    wins : rows that only the candidate got right; losses : rows that only the champion got right.
    """
    passes = exceeds(wins, losses, rows, -margin)
    fails = exceeds(losses, wins, rows, margin)
    told = np.where(passes, PASS, np.where(fails, FAIL, HOLD))
    return told if told.shape else str(told)


def rows_to_settle(difference, disagreement, *, margin, chance=CHANCE):
    """Return how many paired rows settle it with this chance, if difference and disagreement stay as they are.

    difference : accuracy of the candidate less the champion's; disagreement : share of rows that one of the two alone
    gets right. Infinity when the difference is the margin itself. Solves the power of the test in `exceeds` for n.
    """
    gap = abs(difference + margin)
    if gap == 0:
        return math.inf
    wins, losses = (disagreement + difference) / 2, (disagreement - difference) / 2
    null = math.sqrt(null_variance(wins, losses, 1.0, -margin))
    true = math.sqrt(max(disagreement - difference ** 2, 0.0))
    reach = NormalDist().inv_cdf(0.95) * null + NormalDist().inv_cdf(chance) * true
    return math.ceil(((reach + math.sqrt(reach * reach + 2 * gap)) / (2 * gap)) ** 2)


def _compare(evidence, champion, margin):
    paired = np.asarray(champion.rows, dtype=bool)
    rows = int(paired.sum())
    ours = evidence.right[paired]
    theirs = np.asarray(evidence.y)[paired] == champion.predictions
    wins, losses = int(np.sum(ours & ~theirs)), int(np.sum(theirs & ~ours))
    difference, disagreement = (wins - losses) / rows, (wins + losses) / rows
    found = {"version": champion.version, "rows": rows, "wins": wins, "losses": losses,
             "accuracy": float(ours.mean()), "champion_accuracy": float(theirs.mean()),
             "difference": difference, "disagreement": disagreement,
             "lower": paired_lower(wins, losses, rows), "upper": paired_upper(wins, losses, rows),
             "rows_to_settle": rows_to_settle(difference, disagreement, margin=margin),
             "rows_to_settle_if_equal": rows_to_settle(0.0, disagreement, margin=margin)}
    verdict = outcome(wins, losses, rows, margin=margin)
    return GateResult("champion", difference, -margin, verdict, _in_words(verdict, found, margin), found)


def _in_words(verdict, found, margin):
    start = (f"On the same {rows_of(found['rows'])} accuracy is {shown(found['accuracy'])} and the champion's "
             f"(version {found['version']}) {shown(found['champion_accuracy'])}, "
             f"a difference of {signed(found['difference'])}; ")
    if verdict == PASS:
        return start + (f"with 95 % confidence it is no lower than {signed(found['lower'], -margin)}, "
                        f"and down to -{as_limit(margin)} is allowed.")
    if verdict == FAIL:
        return start + (f"with 95 % confidence it is {signed(found['upper'], -margin)} or lower, "
                        f"and down to -{as_limit(margin)} is allowed.")
    return start + (f"the true one may lie between {signed(found['lower'])} and {signed(found['upper'])}, "
                    f"so these rows cannot tell whether it is below -{as_limit(margin)}. {_more_rows(found)}")


def _more_rows(found):
    if found["rows_to_settle"] <= MOST_ROWS:
        return f"About {found['rows_to_settle']:,} rows would settle it if the difference stays as it is."
    return (f"A difference this close to the margin is settled by no practical number of rows; "
            f"if the two are in truth equal, about {found['rows_to_settle_if_equal']:,} rows would show it.")
