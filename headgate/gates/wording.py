"""How numbers read in the sentences of the gates."""


def shown(value, beside=None):
    """Write a score with three decimals, or as many as it takes to differ from the limit beside it."""
    for digits in range(3, 9):
        text = f"{value:.{digits}f}"
        if beside is None or value == beside or float(text) != round(beside, digits):
            break
    return "0.000" if text == "-0.000" else text


def signed(value, beside=None):
    """The same with its sign, for a difference."""
    text = shown(value, beside)
    return text if text.startswith("-") else f"+{text}"


def as_limit(value):
    """Write a limit as a person would: 0.9 as 0.90, 20.0 as 20."""
    if abs(value) >= 1 and value == int(value):
        return f"{int(value):,}"
    return f"{value:.2f}" if round(value, 2) == value else f"{value:g}"


def rows_of(count, kind="row"):
    """Write a number of rows: `1 row`, `28,618 rows`."""
    return f"{count:,} {kind}{'' if count == 1 else 's'}"
