"""The small frozen values of a scoring that travel between its steps."""

from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Chosen:
    """The version that scores. folder : of its bundle, on this host. digest : of the bundle. aliases : it bears."""

    model: str
    version: str
    digest: str
    folder: str
    aliases: tuple = ()


@dataclass(frozen=True)
class Asked:
    """What is to be scored, and where the answers go.

    data : path or URL of a CSV or Parquet file. sql, database : a query and its SQLAlchemy URL, ${VARIABLES} as they
    were written. With neither, the source of the version's spec. folder : where that one's relative paths start.
    started_in : where a relative path in `database` starts.
    output : path. quarantine : path of rows that fail validation. overwrite : the output may be there already.
    max_bad_share : more bad rows than this share, and there is no output.
    """

    folder: Path
    started_in: Path
    output: Path
    quarantine: Path
    data: str | None = None
    sql: str | None = None
    database: str | None = None
    max_bad_share: float = 0.05
    overwrite: bool = False


@dataclass(frozen=True)
class Tally:
    """What a scoring came to.

    rows : of the table. scored, bad : of them. classes : class -> rows. wrong : column -> rows with a wrong cell in it.
    unanswered : bad rows without a wrong cell, to which the graph has no answer.
    output, quarantine : paths, None where there is no such file. source : as a person may read it.
    """

    rows: int
    scored: int
    bad: int
    classes: dict = field(default_factory=dict)
    wrong: dict = field(default_factory=dict)
    unanswered: int = 0
    output: str | None = None
    quarantine: str | None = None
    source: str = ""
    seconds: float = 0.0

    @property
    def bad_share(self):
        return self.bad / self.rows if self.rows else 0.0

    def to_dict(self):
        return asdict(self)
