"""What a retraining came to, in the words and numbers that its command prints."""

OUTCOMES = {"promoted": "retrained", "registered": "retrained"}     # held, rejected and unchanged stay as they are
SENTENCES = {
    "promoted": "Version {version} came of it and is champion.",
    "registered": "Version {version} came of it, passed every gate and waits as challenger.",
    "held": "Version {version} came of it and got no alias: the data cannot tell whether it is as good.",
    "rejected": "What came of it was rejected, and the champion stays. {sentence}",
    "unchanged": "Nothing had changed since the last training, so it was not repeated."}


def summary_of(model, champion, decision, *, drift=None, training=None, as_of=None, dry_run=False, run_id=None):
    """Return the summary as a plain dict. drift, training : summaries of those, or None."""
    outcome = decision.outcome if training is None else OUTCOMES.get(training["outcome"], training["outcome"])
    told = [decision.sentence] if training is None else \
        [decision.sentence, SENTENCES[training["outcome"]].format(**training)]
    return {"flow": "retrain", "model": model, "outcome": outcome, "train": decision.train, "dry_run": dry_run,
            "version": training and training["version"], "champion": champion and champion.chosen.version,
            "reasons": [rule.to_dict() for rule in decision.reasons],
            "holds": [rule.to_dict() for rule in decision.holds], "sentence": " ".join(told), "training": training,
            "drift": drift and {name: drift[name] for name in ("outcome", "sentence", "report", "evidently",
                                                               "weighted_share", "drifted_columns")},
            "as_of": as_of, "report": None, "run_id": run_id}
