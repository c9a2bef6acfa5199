"""Say what is wrong with a model.yaml: the place by name, the value seen, what is allowed, and the nearest name."""

import difflib
import unicodedata

from headgate.spec.model import ModelSpec


def explain(path, error, document=None):
    """Return what pydantic found wrong with a `document` read from `path`, a line for each."""
    return "\n".join([f"{path} cannot be used:"] + [f"  {_explain_one(document, one)}" for one in error.errors()])


def _explain_one(document, problem):
    where, kind = _place(document, problem["loc"]), problem["type"]
    if kind == "extra_forbidden":
        return f"{where}: unknown key. {nearest(str(problem['loc'][-1]), _keys_at(problem['loc'][:-1]))}".rstrip()
    message = problem["msg"].removeprefix("Value error, ")
    if kind == "literal_error":
        allowed = [word.strip("'") for word in problem["ctx"]["expected"].replace(" or ", ", ").split(", ")]
        shown = ", ".join(allowed) if all(map(str.isidentifier, allowed)) else problem["ctx"]["expected"]
        return f"{where}: seen {problem['input']!r}, allowed {shown}. " \
               f"{nearest(str(problem['input']), allowed)}".rstrip()
    if kind in ("value_error", "missing"):
        return f"{where}: {message}" if where else message
    return f"{where}: {message}; seen {problem['input']!r}"


def _place(document, location):
    """Return a location as a person says it: columns['price'].range where an entry has a name, else gates.0."""
    text, here = "", document
    for part in location:
        if part == "[key]":
            continue
        here = _inside(here, part)
        name = here.get("name") if isinstance(part, int) and isinstance(here, dict) else None
        text += f"[{name!r}]" if isinstance(name, str) else f".{part}" if text else str(part)
    return text


def _inside(here, part):
    if isinstance(here, dict):
        return here.get(part, here)         # what a union chose between is no step into the document
    return here[part] if isinstance(here, list) and isinstance(part, int) and part < len(here) else None


def nearest(name, known):
    """Return "Did you mean 'x'?" for the closest known name, or an empty text."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    if close and unicodedata.normalize("NFC", close[0]) == unicodedata.normalize("NFC", name):
        return f"{close[0]!r} looks the same and is written with other Unicode signs (NFC and NFD)."
    return f"Did you mean {close[0]!r}?" if close else ""


def _keys_at(location):
    """Return the keys allowed at a place of the spec, from its JSON Schema."""
    schema = ModelSpec.model_json_schema()
    keys = _walk(schema, schema, list(location))
    return sorted(keys)


def _walk(node, schema, location):
    if "$ref" in node:
        return _walk(schema["$defs"][node["$ref"].rsplit("/", 1)[1]], schema, location)
    branches = node.get("anyOf", []) + node.get("oneOf", [])
    if branches:
        return set().union(*(_walk(branch, schema, location) for branch in branches))
    if not location:
        return set(node.get("properties", {}))
    head, rest = location[0], location[1:]
    if isinstance(head, int):
        return _walk(node.get("items", {}), schema, rest)
    if head in node.get("properties", {}):
        return _walk(node["properties"][head], schema, rest)
    return _walk(node, schema, rest) if rest or node.get("properties") else set()
