"""What every part of a spec has in common."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Frozen; a key that is not declared is an error, and so is a number that is infinite or NaN (JSON has neither)."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def as_texts(values):
    """Return a list of classes or categories as text; raises ValueError for what is no text, number or boolean."""
    if not isinstance(values, list):
        return values
    for value in values:
        if value is None or isinstance(value, (list, dict)) or value != value:
            shown = "null" if value is None else repr(value)
            raise ValueError(f"seen {shown} in the list: a missing value is not one of them (nullable allows it in a "
                             f"column); if the text {shown} is meant, quote it")
    return [str(value) for value in values]
