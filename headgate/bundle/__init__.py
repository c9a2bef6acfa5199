"""A registered version as a plain folder whose every file is summed."""

from headgate.bundle.manifest import MANIFEST, seal, verify

__all__ = ["MANIFEST", "seal", "verify"]
