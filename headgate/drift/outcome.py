"""What a drift check came to, in the words and numbers that its command prints."""


def summary_of(champion, asked, compared, *, run_id=None):
    """Return the summary as a plain dict; its reports are not written yet."""
    found = compared.comparison.to_dict()
    return {**found, "flow": "drift", "model": champion.model, "version": champion.chosen.version,
            "bundle": champion.chosen.digest, "drift": found["outcome"] == "drift", "current": compared.gathered.kind,
            "origin": compared.gathered.origin, "max_weighted_share": champion.spec.drift.max_weighted_share,
            "as_of": asked.as_of and asked.as_of.isoformat(), "since": asked.since and asked.since.isoformat(),
            "report": None, "evidently": None, "run_id": run_id}
