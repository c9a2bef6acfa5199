"""What a person should decide about a draft, in sentences."""

from headgate.spec.classes import RARE_CLASS


def notes(target, answers, guesses):
    """Yield the notes on the Answers of a target and the Guesses of the other columns."""
    yield from _of_target(target, answers)
    for found in guesses:
        if found.kind == "time" and str(found.name).strip():
            yield (f"{found.name!r} is a time: should it be data.time_column, so that the newest rows judge?"
                   + (f" A table that goes on no more then needs as_of: {found.day_after}." if found.day_after else ""))
        if found.identifies and str(found.name).strip():
            yield f"{found.name!r} seems to name rows and is left out of the columns."
        if found.note:
            yield f"{found.name!r} is listed as a category, but {found.note}."
        if found.missing:
            yield (f"{_counted(found.missing)} of {found.name!r} are read as missing; a word that is a value there is "
                   + ("kept once it is listed in its categories." if found.kind == "category" else
                      "kept once the column is a category that lists it."))


def _of_target(target, answers):
    for word in answers.words:
        yield (f"{word!r} is listed as a class; if it stands for a missing answer, take it off "
               f"({answers.rows[word]} rows).")
    if answers.missing:
        yield (f"{_counted(answers.missing)} of the target {target!r} are read as missing; a word that is an answer "
               "is kept once it is listed in target.classes.")
    if answers.rare:
        yield f"Classes with fewer than {RARE_CLASS} rows are left out: {', '.join(answers.rare[:5])}."


def _counted(missing):
    """Say words and how many cells have them: 'NA' in 250 cells, 'n/a' in 3."""
    (first, cells), *others = missing
    return ", ".join([f"{first!r} in {cells} cells", *(f"{word!r} in {count}" for word, count in others)])
