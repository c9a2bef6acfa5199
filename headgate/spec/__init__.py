"""What a team states about a model, parsed and checked."""

from headgate.spec.columns import Column
from headgate.spec.load import find_model, list_models, load_spec, spec_digest
from headgate.spec.model import ModelSpec

__all__ = ["Column", "ModelSpec", "find_model", "list_models", "load_spec", "spec_digest"]
