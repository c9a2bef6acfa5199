"""What a source says should be served."""

from dataclasses import dataclass
from pathlib import Path

from headgate.errors import NoPrevious

CHAMPION, PREVIOUS = "champion", "previous"
DIGITS = 12     # of the digest, by which a version without a number is called


@dataclass(frozen=True)
class Wanted:
    """A version that a source names.

    folder : where its bundle is. digest : what it must be, or "" if not told. trouble : why it cannot be taken, or "".
    """

    model: str
    role: str
    version: str
    folder: Path
    digest: str = ""
    trouble: str = ""

    @property
    def called(self):
        """How it is told of before it is loaded: its version, its digest in short, or the name of its folder."""
        return self.version or self.digest[:DIGITS] or self.folder.name


@dataclass(frozen=True)
class Listing:
    """What a source says now. wanted : the champions. default : model of the routes without a name, or None.

    trouble : why this is not fresh, or "".
    """

    wanted: tuple = ()
    default: str | None = None
    trouble: str = ""


def check_champions(alias):
    """Raise NoPrevious where another alias than `champion` is followed: who is champion is not decided there."""
    if alias != CHAMPION:
        raise NoPrevious(f"This service follows the alias {alias!r}; who is champion is not decided here.",
                         remedy="Ask a service of champions, or run: python -m headgate rollback NAME.")
