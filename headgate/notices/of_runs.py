"""The notices that a validation, a training or a deployment gives rise to, from its summary."""

from headgate.errors import HeadgateError
from headgate.notices.notice import Notice

MOST_REASONS = 5
ELSEWHERE = "The champion is on the Prefect server and was not asked."


def serving_now(workspace, model):
    """Say in a sentence which version serves."""
    from headgate.registry import read

    if workspace.champion_elsewhere:
        return ELSEWHERE
    try:
        champion = read.champion(workspace, model)
    except HeadgateError as error:
        return f"It cannot be told, for the registry does not answer: {error}"
    return f"Version {champion.version} is champion." if champion else "No version; there is no champion yet."


def all_serving_now(workspace):
    """Say in a sentence for each model which version serves."""
    from headgate.registry import read

    if workspace.champion_elsewhere:
        return ELSEWHERE
    try:
        return " ".join(f"{name}: {serving_now(workspace, name)}" for name in read.list_names(workspace)) \
            or "No version; there is no model yet."
    except HeadgateError as error:
        return f"It cannot be told, for the registry does not answer: {error}"


def of_validation(summary, *, serving="", run=""):
    """Return the notices of what `flows.validate` came to. run : address of the flow run in the Prefect UI, or ""."""
    model = summary["model"]
    if not summary["failed"]:
        return (Notice("data_valid", model, summary["sentence"], serving=serving, look=_look(summary, run)),)
    reasons = summary["failed"][:MOST_REASONS]
    if len(summary["failed"]) > len(reasons):
        reasons = [*reasons, f"{len(summary['failed']) - len(reasons)} more in the report."]
    return (Notice("data_rejected", model, summary["sentence"], why=" ".join(reasons), serving=serving,
                   look=_look(summary, run)),)


def of_training(summary, *, serving="", run=""):
    """Return the notices of what `flows.train` came to; none for an unchanged run."""
    if summary["outcome"] == "unchanged":
        return ()
    if "failed" in summary:
        return of_validation(summary, serving=serving, run=run)
    model, version = summary["model"], summary["version"]
    valid = Notice("data_valid", model, "The data passed every check again.", serving=serving, look=_look(summary, run))
    if summary["outcome"] == "rejected":
        short = [gate for gate in summary["gates"] if gate["verdict"] == "fail"]
        return (valid, Notice(
            "gates_rejected", model, "A candidate was trained and rejected; nothing was registered.",
            why=" ".join([summary["sentence"], *(gate["sentence"] for gate in short)]).strip(), serving=serving,
            look=_look(summary, run), about=", ".join(gate["name"] for gate in short)))
    kind = "promoted" if summary["outcome"] == "promoted" else "registered"
    return (valid, Notice(kind, model, WHAT[summary["outcome"]].format(version), why=summary["sentence"],
                          serving=serving, look=_look(summary, run), about=f"{summary['outcome']} {version}"))


def of_deployment(summary, *, serving="", run=""):
    """Return the notices of what `flows.deploy` came to; none for what was champion already, or was only staged."""
    if summary["outcome"] in ("unchanged", "staged"):
        return ()
    kind = summary["outcome"] if summary["outcome"] in ("deployed", "rolled_back") else "not_deployed"
    why = [step["sentence"] for step in summary["steps"] if step["outcome"] == "no" and kind != "deployed"]
    name = f"Version {summary['version']}"
    what = {"deployed": f"{name} was deployed.", "rolled_back": f"{name} was deployed and rolled back.",
            "not_deployed": f"{name} was not deployed."}[kind]
    passed = [step["sentence"] for step in summary["steps"] if step["step"] in ("verification", "watch")]
    return (Notice(kind, summary["model"], what, why=" ".join(why or passed or [summary["sentence"]]),
                   serving=serving, look=_look(summary, run), about=_about(summary, kind)),)


def _about(summary, kind):
    """The same version again is news where it served in between; where it never did, it is the same "no"."""
    served = summary["deployment"] if kind != "not_deployed" else ""
    return f"{summary['outcome']} {summary['version']} {served}".strip()


WHAT = {"promoted": "Version {} passed every gate and is champion.",
        "registered": "Version {} passed every gate and waits as challenger.",
        "held": "Version {} is registered without an alias: the data cannot tell."}


def _look(summary, run):
    model, version = summary["model"], summary.get("version")
    told = [("report", summary.get("report")), ("quarantined rows", summary.get("quarantine")), ("flow run", run),
            ("its story", version and f"python -m headgate why {model} --version {version}")]
    return tuple(f"{name}: {place}" for name, place in told if place)
