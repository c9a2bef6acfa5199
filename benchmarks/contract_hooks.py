"""What the document says in words because JSON Schema cannot: the lists of `columns` are of one length."""

import schemathesis
from schemathesis import GenerationMode


@schemathesis.hook
def before_call(context, case, kwargs):
    """Cut the lists of a body that is meant to be right to the length of the shortest."""
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE or not isinstance(case.body, dict):
        return
    columns = case.body.get("columns")
    if isinstance(columns, dict) and columns:
        rows = min(map(len, columns.values()))
        case.body = {"columns": {name: cells[:rows] for name, cells in columns.items()}}
