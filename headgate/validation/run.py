"""Ask every check of a table."""


from headgate.validation.report import ValidationReport


def validate(frame_as_read, spec, *, as_of, reference=None):
    """Run every check and report all answers, failed ones first.

    frame_as_read : pandas frame as `read_table` returns it, any types; it is not changed.
    as_of : date that freshness is counted from, or None.
    reference : typed frame (a sample of the champion's training rows), or None if there is no champion.
    Returns a ValidationReport; bad data is an answer and raises nothing.
    """
    from headgate.validation.checks import CHECKS
    from headgate.validation.expectations import measure
    from headgate.validation.question import to_check
    from headgate.validation.table import examine
    table = examine(frame_as_read, spec, as_of=as_of, reference=reference)
    questions = [question for check in CHECKS for question in check(table)]
    asked = [question.ask for question in questions if question.ask is not None]
    measured = iter(measure(_measurable(table, asked), asked))
    answered = [to_check(table, question, next(measured) if question.ask else None) for question in questions]
    answered.sort(key=lambda pair: pair[0].ok)
    offenders = {number: rows for number, (check, rows) in enumerate(answered) if not check.ok and len(rows)}
    return ValidationReport(spec.name, table.rows, tuple(check for check, _ in answered),
                            as_of.isoformat() if as_of is not None else None, offenders)


def _measurable(table, asked):
    """The typed frame with one more column for each thing that is not written in a cell."""
    from headgate.validation.column_checks import EMPTY, UNREADABLE
    from headgate.validation.table import DUPLICATE
    extra = {}
    for name in {ask.column for ask in asked if ask.column is not None}:
        if name == DUPLICATE:
            extra[name] = table.repeated
        elif name.startswith(UNREADABLE):
            extra[name] = table.unreadable(name.removeprefix(UNREADABLE))
        elif name.startswith(EMPTY):
            extra[name] = [None if empty else True for empty in table.empty(name.removeprefix(EMPTY))]
    return table.typed.assign(**extra)
