"""Gate: better than what needs no model."""

import numpy as np

from headgate.gates.intervals import paired_lower
from headgate.gates.result import FAIL, PASS, GateResult
from headgate.gates.wording import as_limit, rows_of, shown, signed


def baseline_gate(evidence, *, rule=None):
    """Judge the paired 95 % lower bound of the gain in accuracy: it must be above zero for each rival.

    The rivals are the commonest class of the training rows and, if `rule` names one, the one-column rule.
    Fails on an empty holdout, on one with a single class, and if the rule's predictions are missing.
    """
    problem = _problem(evidence, rule)
    if problem:
        return GateResult("baseline", None, 0.0, FAIL, problem, {"rows": len(evidence.y)})
    rivals = [_against(f"always {evidence.classes[evidence.majority]!r}", evidence.majority, evidence)]
    if rule is not None:
        name = f"the rule {rule.column} at least {as_limit(rule.at_least)}"
        rivals.append(_against(name, evidence.rule_predictions, evidence))
    worst = min(rival["lower"] for rival in rivals)
    sentence = (f"Accuracy {shown(evidence.right.mean())} on {rows_of(len(evidence.y), 'holdout row')}: "
                + "; ".join(_in_words(rival) for rival in rivals) + ".")
    return GateResult("baseline", worst, 0.0, PASS if worst > 0 else FAIL, sentence,
                      {"rows": len(evidence.y), "rivals": rivals})


def _problem(evidence, rule):
    if not len(evidence.y):
        return "Nothing shows that the model is better than trivial: the holdout has no rows."
    present = np.unique(evidence.y)
    if len(present) == 1:
        return (f"Nothing shows that the model is better than trivial: every row of the holdout is of class "
                f"{evidence.classes[int(present[0])]!r}. Choose a holdout that has every class.")
    if rule is not None and evidence.rule_predictions is None:
        return f"The rule on column {rule.column!r} was not evaluated, so nothing shows that the model beats it."
    return None


def _against(name, predictions, evidence):
    right = np.asarray(evidence.y) == predictions
    wins, losses = int(np.sum(evidence.right & ~right)), int(np.sum(right & ~evidence.right))
    rows = len(evidence.y)
    return {"name": name, "accuracy": float(right.mean()), "difference": (wins - losses) / rows,
            "lower": paired_lower(wins, losses, rows), "wins": wins, "losses": losses}


def _in_words(rival):
    verb = "beats" if rival["lower"] > 0 else "is not shown to beat"
    return (f"{verb} {rival['name']} ({shown(rival['accuracy'])}) by {signed(rival['difference'])}, "
            f"with 95 % confidence by at least {signed(rival['lower'], 0.0)}")
