"""The body as pydantic models made from the columns of a spec: the same kinds, ranges, categories and nulls."""

import json
import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

FOLDER = Path(os.environ["BENCHMARK_MODEL"])
SPEC = json.loads((FOLDER / "bundle" / "spec.json").read_text(encoding="utf-8"))
COLUMNS = {column["name"]: column["kind"] for column in SPEC["columns"]}
CLASSES = SPEC["target"]["classes"]


def field(column):
    """Return (type, Field) of one column."""
    low, high = column["range"] or (None, None)
    kind = {"number": float, "integer": int, "boolean": bool, "category": str}[column["kind"]]
    if column["kind"] == "category" and column["unknown"] != "treat_as_unknown":
        kind = Literal[tuple(column["categories"])]
    limits = {"ge": low, "le": high} if low is not None else {}
    return (kind | None, Field(None, **limits)) if column["nullable"] else (kind, Field(..., **limits))


Row = create_model("Row", __config__=ConfigDict(extra="forbid"),
                   **{column["name"]: field(column) for column in SPEC["columns"]})


class Batch(BaseModel):
    """Several rows."""

    instances: list[Row] = Field(min_length=1, max_length=10_000)


def decided(probability):
    """Return one prediction as an answer has it."""
    return {"prediction": CLASSES[probability >= 0.5], "probability": probability}
