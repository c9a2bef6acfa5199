"""Read a model.yaml into a ModelSpec, with errors a person can act on."""

import hashlib
import json
from pathlib import Path

import yaml
from pydantic import ValidationError

from headgate.errors import SpecError
from headgate.spec.explain import explain, nearest
from headgate.spec.model import ModelSpec
from headgate.spec.yaml_text import parse

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
        raise SpecError(explain(path, error, document)) from None
    if spec.name != Path(folder).resolve().name:
        raise SpecError(f"{path}: name must be the folder's name.", value=spec.name,
                        limit=Path(folder).resolve().name)
    return spec


def spec_digest(spec):
    """SHA-256 of what a version keeps of the spec, variables not filled in."""
    text = json.dumps(spec.stored, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _read_yaml(path):
    try:
        document = parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SpecError(f"{path} does not exist.", remedy=WRITE_ONE) from None
    except UnicodeDecodeError as error:
        raise SpecError(f"{path} is not UTF-8 text ({error.reason} at byte {error.start}).") from None
    except yaml.YAMLError as error:
        raise SpecError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict):
        raise SpecError(f"{path} must be a mapping of keys.", value=type(document).__name__)
    return document
