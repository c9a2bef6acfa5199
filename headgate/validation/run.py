"""Ask every check of a table."""


from functools import partial

from headgate.validation.report import ValidationReport


def validate(frame_as_read, spec, *, as_of, reference=None, names=(), elsewhere=False):
    """Run every check and report all answers, failed ones first.

    frame_as_read : pandas frame as `read_table` returns it, any types; it is not changed.
    as_of : date that freshness is counted from, or None.
    reference : typed frame (a sample of the champion's training rows), or None if there is no champion.
    elsewhere : without a reference, there may be a champion all the same, which was not asked.
    names : of every column of the table, as `read_table` returns them; the nearest is told for a missing one.
    Returns a ValidationReport; bad data is an answer and raises nothing.
    """
    from headgate.validation.checks import CHECKS
    from headgate.validation.expectations import measure
    from headgate.validation.question import to_check
    from headgate.validation.table import examine
    table = examine(frame_as_read, spec, as_of=as_of, reference=reference, names=names,
                    elsewhere=elsewhere)
    questions = [question for check in CHECKS for question in check(table)]
    asks = [question.ask for question in questions if question.ask is not None]
    measured = iter(measure(asks, partial(_part, table)))
    answered = [to_check(table, question, next(measured) if question.ask else None) for question in questions]
    answered.sort(key=lambda pair: pair[0].ok)
    offenders = {number: rows for number, (check, rows) in enumerate(answered) if len(rows)}
    return ValidationReport(spec.name, table.rows, tuple(check for check, _ in answered),
                            as_of.isoformat() if as_of is not None else None, offenders)


def _part(table, about):
    """The part of a table that answers an Ask: no rows for its columns, else one column."""
    import numpy as np

    from headgate.validation.column_checks import EMPTY
    from headgate.validation.table import DUPLICATE
    if about == "columns":
        return table.frame.iloc[:0]
    if about in ("rows", DUPLICATE):
        return table.typed[[]].assign(**{DUPLICATE: table.repeated})
    if about.startswith(EMPTY):
        empty = table.empty(about.removeprefix(EMPTY))
        return table.typed[[]].assign(**{about: np.where(empty, np.nan, 1.0)})
    return table.typed[[about]]
