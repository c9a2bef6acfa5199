"""Who is to be trained again, from decisions that were made on several machines."""

from headgate.candidates.kept import sort_results
from headgate.candidates.missing import Missing

NO_DECISION = "Nothing was decided about it: its job left no result."


def sort_decisions(folder, expected=()):
    """Return (a Result of each model that was decided about, a Missing of each that was not, why others are not used).

    expected : names of the models that were asked about; of no other model is a decision used.
    """
    found, broken, refused = sort_results(folder, "retrain", expected=expected)
    missing = {model: Missing(model=model, sentence=why, flow="retrain") for model, why in broken}
    for name in sorted({one.model for one in found}):
        count = len([one for one in found if one.model == name])
        if count > 1:
            missing.setdefault(name, Missing(model=name, sentence=f"There are {count} decisions.", flow="retrain"))
    for name in set(expected) - {one.model for one in found} - set(missing):
        missing[name] = Missing(model=name, sentence=NO_DECISION, flow="retrain")
    return tuple(one for one in found if one.model not in missing), \
        tuple(missing[name] for name in sorted(missing)), refused


def lines_of(decided, missing):
    """Return a line per model."""
    return [f"{one.model}: {'due' if one.summary['train'] else 'not due'}. {one.summary['sentence']}"
            for one in decided] + [f"{one.model}: {one.headline}. {one.sentence}" for one in missing]
