"""What a team is told: one Notice per change of state."""

from dataclasses import dataclass

from headgate.spec.notify import KINDS


@dataclass(frozen=True)
class Sort:
    """One kind of notice.

    topic : what it is a state of; a second notice of one topic replaces the first.
    severity : info, success, warning or failure. clear : nothing to tell unless something was wrong before.
    """

    headline: str
    topic: str
    severity: str
    clear: bool = False


SORTS = {
    "data_rejected": Sort("data rejected", "data", "failure"),
    "data_valid": Sort("data valid again", "data", "success", clear=True),
    "gates_rejected": Sort("candidate rejected by the gates", "training", "failure"),
    "registered": Sort("new version registered", "training", "success"),
    "promoted": Sort("first champion", "training", "success"),
    "drift": Sort("drift found", "drift", "warning"),
    "no_drift": Sort("no drift any more", "drift", "info", clear=True),
    "retrained": Sort("retrained", "retraining", "info"),
    "not_retrained": Sort("not retrained", "retraining", "info"),
    "deployed": Sort("deployed", "deployment", "success"),
    "not_deployed": Sort("not deployed", "deployment", "warning"),
    "rolled_back": Sort("rolled back", "deployment", "failure"),
    "failed": Sort("could not run", "run", "failure"),
    "recovered": Sort("runs again", "run", "success", clear=True),
}


@dataclass(frozen=True)
class Notice:
    """What happened (`what`), `why`, what serves now (`serving`) and where to `look` (lines), each in sentences.

    about : what the state is of where the kind alone does not tell: a version, the gates that failed, the name of the
        flow that could not run. Notices of one kind about the same thing are one state, told once.
    apart : the state of something else than usual, which neither replaces the usual one nor is replaced by it.
    covers : notices of the same event that this one tells, too: they are states of their own, and none is sent beside
        it.
    """

    kind: str
    model: str
    what: str
    why: str = ""
    serving: str = ""
    look: tuple = ()
    about: str = ""
    apart: str = ""
    covers: tuple = ()

    def __post_init__(self):
        if self.kind not in KINDS:
            raise ValueError(f"no kind of notice: {self.kind!r}; there are {', '.join(KINDS)}")
        if isinstance(self.look, (str, list)):
            object.__setattr__(self, "look", (self.look,) if isinstance(self.look, str) else tuple(self.look))

    @property
    def sort(self):
        return SORTS[self.kind]

    @property
    def title(self):
        return f"{self.model}: {self.sort.headline}"

    @property
    def topic(self):
        return " ".join(filter(None, (self.sort.topic, self.about if self.sort.topic == "run" else "", self.apart)))

    @property
    def state(self):
        return f"{self.kind} {self.about}".strip()
