"""Who is told about a model, and about what."""

import re
from typing import Literal, get_args

from pydantic import Field, field_validator

from headgate.spec.base import Strict
from headgate.spec.sources import Template

Kind = Literal["data_rejected", "data_valid", "gates_rejected", "registered", "promoted", "drift", "no_drift",
               "retrained", "not_retrained", "deployed", "not_deployed", "rolled_back", "failed", "recovered"]
KINDS = get_args(Kind)
PASSWORD = re.compile(r"://[^/@\s]*:(?!\$\{)[^/@\s]+@")


class Notify(Strict):
    """Channels of this model, beside those of HEADGATE_NOTIFY. It is no part of what is stored with a version."""

    to: list[Template] = Field([], description="Apprise URLs or webhooks; write secrets as ${VARIABLE}.")
    on: list[Kind] | None = Field(None, description="Tell of these alone, on every channel; left out, of all.")

    @field_validator("to")
    @classmethod
    def _without_passwords(cls, value):
        for one in value:
            if PASSWORD.search(one):
                raise ValueError(f"{PASSWORD.sub('://***@', one)!r} has a password in it; write ${{VARIABLE}} instead")
        return value
