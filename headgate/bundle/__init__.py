"""A registered version as a plain folder whose every file is summed."""

from headgate.bundle.manifest import MANIFEST, read_manifest, seal, verify
from headgate.bundle.read import (decision_of, read_evaluation, read_gates, read_golden, read_lineage, read_part,
                                  read_spec)

__all__ = ["MANIFEST", "decision_of", "read_evaluation", "read_gates", "read_golden", "read_lineage", "read_manifest",
           "read_part", "read_spec", "seal", "verify"]
