"""What every part of a spec has in common."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Frozen, and a key that is not declared is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")
