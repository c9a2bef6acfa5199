"""Bring versions to production from a place that is no server: pack what is to serve, prove it, and let it serve.

What was proved on staging is one file with one SHA-256; production takes those very bytes.
"""

from headgate.release.package import open_package, write_package
from headgate.release.prove import prove_package
from headgate.release.publish import release, undo
from headgate.release.waiting import find_waiting

__all__ = ["find_waiting", "open_package", "prove_package", "release", "undo", "write_package"]
