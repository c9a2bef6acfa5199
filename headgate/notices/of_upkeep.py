"""The notices that a drift check or a retraining gives rise to, from its summary."""

from dataclasses import replace

from headgate.drift.judge import TOLD
from headgate.notices.notice import Notice
from headgate.notices.of_runs import of_training

MOST_NOTES = 3


def of_drift(summary, *, serving="", run=""):
    """Return the notices of what `flows.drift` came to; none for too few rows. run : address of the flow run, or ""."""
    if summary["outcome"] == "held":
        return ()
    model, version = summary["model"], summary["version"]
    whose = "Rows of a file" if summary["current"] == "data" else "Current rows"
    what = f"{whose} moved away from the training of version {version}." if summary["drift"] else \
        f"{whose} are like the training of version {version} again."
    look = _look(("report", summary["report"]), ("page", summary["evidently"]), ("flow run", run))
    about = f"{version}: {', '.join(_that_count(summary))}" if summary["drift"] else ""
    why = " ".join((summary["sentence"], *summary["notes"][:MOST_NOTES]))
    return (Notice("drift" if summary["drift"] else "no_drift", model, what, why=why, serving=serving, look=look,
                   about=about, apart="of a file" if summary["current"] == "data" else ""),)


def _that_count(summary):
    """Return the columns that moved and are worth something to the model: others come and go with the season."""
    equal = summary["weights"] == "equal"
    return sorted(one["column"] for one in summary["columns"] if one["drifted"] and (equal or one["weight"] >= TOLD))


def of_retraining(summary, *, serving="", run=""):
    """Return the notices of what `flows.retrain` came to; none for a dry run.

    What the training in it came to is the same event: one notice tells both.
    """
    if summary["dry_run"]:
        return ()
    if summary["outcome"] in ("not_due", "unchanged"):
        return (_not_retrained(summary, serving, _look(("report", summary["report"]), ("flow run", run))),)
    *before, made = of_training(summary["training"], serving=serving, run=run)
    look = (*_look(("decision", summary["report"])), *made.look)
    if summary["outcome"] == "rejected":
        why = " ".join((summary["sentence"], made.why.removeprefix(summary["training"]["sentence"]).strip())).strip()
        return (*before, replace(made, why=why, look=look, covers=(_not_retrained(summary, serving, look),)))
    return (*before, Notice("retrained", summary["model"], f"The model was trained again. {made.what}",
                            why=summary["sentence"], serving=serving, look=look,
                            about=f"{summary['outcome']} {summary['version']}", covers=(made,)))


def _not_retrained(summary, serving, look):
    what = {"not_due": "The model was not trained again.", "unchanged": "Nothing had changed, so nothing was trained.",
            "rejected": "The model was to be trained again, and what came of it was rejected."}[summary["outcome"]]
    fired = ", ".join(rule["rule"] for rule in summary["reasons"] if rule["fires"])
    return Notice("not_retrained", summary["model"], what, why=summary["sentence"], serving=serving, look=look,
                  about=f"{summary['outcome']} {fired}".strip())


def _look(*told):
    return tuple(f"{name}: {place}" for name, place in told if place)
