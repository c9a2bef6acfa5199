"""What a reviewer reads of candidates: metrics beside the champion's, gates, changed predictions, worst slices."""

from headgate.bundle import read_evaluation, read_gates
from headgate.report.page import markdown, number, percent
from headgate.report.words import name_metric, say_interval, score

WORDS = {"passed": "passes every gate", "held": "is held: the data cannot tell", "rejected": "is rejected"}
WORST, MOVES, FAILED = 5, 4, 20
METRICS = ("accuracy", "balanced_accuracy", "f1", "roc_auc", "log_loss", "expected_calibration_error")


def page_of(joined):
    """Return the Markdown of a Joined."""
    best = joined.best
    lines = [f"### {markdown(joined.model)}: {markdown(best.algorithm)} {WORDS[joined.outcome]}" if best.bundle else
             f"### {markdown(joined.model)}: the data was rejected, and nothing was trained", "",
             markdown(best.summary.get("sentence") or ""), ""]
    if best.bundle is None:
        return "\n".join(lines + [f"- {markdown(one)}" for one in (best.summary.get("failed") or ())[:FAILED]] + [""])
    evaluation = read_evaluation(best.bundle)
    for part in (_metrics(best, evaluation), _gates(best), _changed(best), _slices(evaluation), _candidates(joined)):
        lines += [*part, ""] if part else []
    return "\n".join([*lines, f"Bundle `{best.digest}`.", ""])


def page_of_missing(missing):
    """Return the Markdown of a Missing."""
    return "\n".join([f"### {markdown(missing.model)}: {missing.headline}", "", markdown(missing.sentence), ""])


def page_of_refused(refused):
    """Return the lines of Markdown that tell of summaries that were not used; none where all were."""
    return ["### Not used", "", *(f"- {markdown(why)}" for why in refused), ""] if refused else []


def _metrics(best, evaluation):
    champion = best.champion or {}
    theirs, intervals = champion.get("metrics") or {}, evaluation.get("intervals") or {}
    title = f"champion (version {markdown(champion['version'])})" if champion else "champion"
    lines = [f"| metric | this model | 95 % interval | {title} |", "|---|---:|---:|---:|"]
    lines += [f"| {name_metric(name)} | {score(evaluation['metrics'].get(name))} | {say_interval(intervals.get(name))} "
              f"| {score(theirs.get(name))} |" for name in METRICS if evaluation["metrics"].get(name) is not None]
    return [*lines, "", f"The champion's: {markdown(champion['note'])}." if champion else _no_champion(best)]


def _no_champion(best):
    gate = next((gate for gate in read_gates(best.bundle)["gates"] if gate["name"] == "champion"), None)
    return markdown(gate["sentence"]) if gate else "No champion was compared with."


def _gates(best):
    lines = ["| gate | observed | limit | verdict | why |", "|---|---:|---:|---|---|"]
    return lines + ["| " + " | ".join((markdown(gate["name"]), number(gate["observed"]), number(gate["limit"]),
                                       _verdict(gate["verdict"]), markdown(gate["sentence"]))) + " |"
                    for gate in read_gates(best.bundle)["gates"]]


def _verdict(verdict):
    return verdict if verdict == "pass" else f"**{markdown(verdict)}**"


def _changed(best):
    champion = best.champion
    if not champion or not champion.get("rows"):
        return []
    share = percent(champion["changed"] / champion["rows"])
    moves = ", ".join(f"{markdown(move['from'])} → {markdown(move['to'])}: {move['rows']:,}"
                      for move in champion["moves"][:MOVES])
    return [f"**Changed predictions:** {champion['changed']:,} of {champion['rows']:,} rows ({share}) get another "
            f"class than from the champion{f' ({moves})' if moves else ''}."]


def _slices(evaluation):
    worst = sorted((one for one in evaluation.get("slices") or () if one.get("accuracy") is not None),
                   key=lambda one: one["accuracy"])[:WORST]
    if not worst:
        return []
    return ["**Worst slices**", "", "| slice | rows | accuracy | 95 % interval | floor |", "|---|---:|---:|---:|---:|",
            *(f"| {markdown(one['column'])} = {markdown(one['value'] or 'missing')} | {one['rows']:,} | "
              f"{score(one['accuracy'])} | {say_interval(one.get('interval'))} | {number(one.get('floor'))} |"
              for one in worst)]


def _candidates(joined):
    if len(joined.results) < 2:
        return []
    return ["**Candidates**", "", "| algorithm | cross-validation | accuracy on the holdout | gates |",
            "|---|---:|---:|---|",
            *(f"| {markdown(one.algorithm or '–')} | {score(one.mean if one.bundle else None)} | "
              f"{score(one.summary.get('accuracy'))} | {one.decision} |" for one in joined.results)]
