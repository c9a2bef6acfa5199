"""What a scoring came to, in the words and numbers that its command prints."""

from headgate.graph.decision import NO_ANSWER
from headgate.rows.words import allowed


def summary_of(chosen, asked, tally, spec, *, run_id=None):
    """Return the summary as a plain dict."""
    outcome = "scored" if tally.output else "rejected"
    return {"model": chosen.model, "version": chosen.version, "bundle": chosen.digest, "outcome": outcome,
            "rows": tally.rows, "scored": tally.scored, "bad": tally.bad, "bad_share": tally.bad_share,
            "max_bad_share": asked.max_bad_share, "classes": tally.classes, "wrong": tally.wrong,
            "unanswered": tally.unanswered, "failed": _failed(tally, spec),
            "source": tally.source, "output": tally.output, "quarantine": tally.quarantine,
            "seconds": tally.seconds, "rows_per_second": tally.rows / max(tally.seconds, 1e-9),
            "sentence": sentence_of(chosen, asked, tally), "run_id": run_id}


def _failed(tally, spec):
    """Return a sentence for each way in which rows were bad, the most frequent first."""
    found = [(rows, f"{name} must be {allowed(spec.column(name))}.") for name, rows in tally.wrong.items()]
    if tally.unanswered:
        found.append((tally.unanswered, f"the model has {NO_ANSWER}."))
    found.sort(key=lambda one: -one[0])
    return [f"{rows:,} {'row' if rows == 1 else 'rows'}: {what}" for rows, what in found]


def sentence_of(chosen, asked, tally):
    """Say in a sentence or two what came of it."""
    name = f"version {chosen.version} of {chosen.model}"
    if tally.output and not tally.bad:
        return f"Scored all {tally.rows:,} rows with {name}."
    bad = f"{tally.bad:,} of {tally.rows:,} rows ({tally.bad_share:.2%}) failed validation"
    if tally.output:
        return f"Scored {tally.scored:,} rows with {name}; {bad}, see the quarantine."
    limit = f"at most {asked.max_bad_share:.2%} may (--max-bad-share)" if tally.scored else "none could be scored"
    return f"Rejected: {bad}; {limit}. Nothing was written to {asked.output}; see the quarantine."
