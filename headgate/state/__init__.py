"""What must outlive a runner: who serves, the bundles behind it and the ledger, on a branch of the repository.

A runner of GitHub Actions begins as an empty machine. `pull` makes its registry as the last one left it, `push` writes
what changed. The branch holds one folder per model beside a `roles.json`, so that a checkout of it is served as it is.
"""

from headgate.state.carry import NONE, drop, pull, push

__all__ = ["NONE", "drop", "pull", "push"]
