"""Read a model.yaml into a ModelSpec, with errors a person can act on."""

import difflib
import hashlib
import json
import re
from pathlib import Path

import yaml
from pydantic import ValidationError

from headgate.errors import SpecError
from headgate.spec.model import ModelSpec

WRITE_ONE = "Write one: python -m headgate new NAME --from TABLE --target COLUMN."


def list_models(root):
    """Return the names of the model folders under `root`/models, sorted."""
    return sorted(path.parent.name for path in Path(root).glob("models/*/model.yaml"))


def find_model(root, name):
    """Return the folder of the model called `name`, or raise SpecError with the nearest name."""
    folder = Path(root) / "models" / name
    if not (folder / "model.yaml").is_file():
        known = list_models(root)
        raise SpecError(f"There is no model {name!r}: {folder / 'model.yaml'} does not exist.",
                        limit=", ".join(known) or "no model folder yet", remedy=nearest(name, known) or WRITE_ONE)
    return folder


def load_spec(folder):
    """Parse `folder`/model.yaml.

    Raises SpecError naming file, key, value and the nearest valid name.
    """
    path = Path(folder) / "model.yaml"
    document = _read_yaml(path)
    try:
        spec = ModelSpec.model_validate(document)
    except ValidationError as error:
        raise SpecError(explain(path, error)) from None
    if spec.name != Path(folder).resolve().name:
        raise SpecError(f"{path}: name must be the folder's name.", value=spec.name,
                        limit=Path(folder).resolve().name)
    return spec


def spec_digest(spec):
    """SHA-256 of the spec as it was written, variables not filled in."""
    text = json.dumps(spec.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _read_yaml(path):
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)
    except FileNotFoundError:
        raise SpecError(f"{path} does not exist.", remedy=WRITE_ONE) from None
    except UnicodeDecodeError as error:
        raise SpecError(f"{path} is not UTF-8 text ({error.reason} at byte {error.start}).") from None
    except yaml.YAMLError as error:
        raise SpecError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict):
        raise SpecError(f"{path} must be a mapping of keys.", value=type(document).__name__)
    return document


class _UniqueKeys(yaml.SafeLoader):
    """A YAML loader for which a key written twice is an error, and only true and false are booleans.

    YAML 1.1 would read `on`, `no` and `yes` as booleans too, which are names of columns and classes here.
    """

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} is written twice",
                                                        key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


_UniqueKeys.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if tag != "tag:yaml.org,2002:bool"]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()}
_UniqueKeys.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"),
                                  list("tTfF"))


def explain(path, error):
    """Return what pydantic found wrong with a document, a line for each."""
    lines = [f"{path} cannot be used:"]
    for problem in error.errors():
        lines.append("  " + _explain_one(problem))
    return "\n".join(lines)


def _explain_one(problem):
    where = ".".join(str(part) for part in problem["loc"] if part != "[key]")
    kind = problem["type"]
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


def nearest(name, known):
    """Return "Did you mean 'x'?" for the closest known name, or an empty text."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
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
