"""The notices that a drift check or a retraining gives rise to, from its summary."""

from headgate.drift.judge import TOLD
from headgate.notices.notice import Notice

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
    """Return the notices of what `flows.retrain` came to; none for a dry run."""
    if summary["dry_run"]:
        return ()
    model, outcome, training = summary["model"], summary["outcome"], summary["training"] or {}
    look = _look(("report", summary["report"]), ("training", training.get("report")), ("flow run", run), (
        "its story", summary["version"] and f"python -m headgate why {model} --version {summary['version']}"))
    if outcome in ("retrained", "held"):
        return (Notice("retrained", model, f"The model was trained again: version {summary['version']}.",
                       why=summary["sentence"], serving=serving, look=look, about=f"{outcome} {summary['version']}"),)
    what = {"not_due": "The model was not trained again.", "unchanged": "Nothing had changed, so nothing was trained.",
            "rejected": "The model was trained again, and what came of it was rejected."}[outcome]
    fired = ", ".join(rule["rule"] for rule in summary["reasons"] if rule["fires"])
    return (Notice("not_retrained", model, what, why=summary["sentence"], serving=serving, look=look,
                   about=f"{outcome} {fired} {training.get('bundle') or ''}".strip()),)


def _look(*told):
    return tuple(f"{name}: {place}" for name, place in told if place)
