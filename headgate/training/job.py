"""What every step of one run is given."""

from dataclasses import dataclass
from pathlib import Path

from headgate.spec import ModelSpec
from headgate.training.values import Request
from headgate.workspace import Workspace


@dataclass(frozen=True)
class Job:
    """One run: where, which spec as it was at the start, and what was asked."""

    workspace: Workspace
    spec: ModelSpec
    folder: Path
    request: Request
