"""Every error that Headgate raises on purpose, as one tree.

    HeadgateError                  exit code 2: could not run
    |- SpecError                   a model.yaml that cannot be used
    |- FeaturesError               a features.py that cannot be used
    |- SourceError                 a table that cannot be read
    |- AsOfError                   no rows are visible on that date, or none in the holdout
    |- GraphError                  a fitted pipeline that has no faithful ONNX graph
    |- RegistryError               the registry, a version or a bundle cannot be used
    |  |- VersionNotFound
    |  |- NoPrevious               nobody was champion before, so nobody can be again
    |  |- BundleBroken
    |- StorageError                the disk is full or not writable
    |  |- Unstorable               a value that the database never takes
    |- StateAway                   the branch that carries the state cannot be reached
    |- StateBroken                 what it carries cannot be used
    |- StateMoved                  it changed since it was read
    |- CandidatesMissing           a training left nothing to compare
    |- CandidatesDiffer            candidates that were not trained or judged alike
    |- PackageBroken               a package whose bytes are not those that were proved
    |- ReviewersNotTold            GitHub refused a comment, or does not answer
    |- ServerTrouble               the Prefect server is away or of another version, or a run there did not end
    |- Busy                        another process holds the lock of this model
    |- ServiceAway                 a service does not answer, or not in time
    |- AliasMoved                  somebody else moved who serves in the meantime
    |- DeploymentOpen              another version's deployment was cut off and must be finished first
    |- Refusal                     exit code 1: the answer is no
       |- DataRejected             validation said no
       |- TooFewRows               a statistic that needs more rows
       |- PromotionRefused         the version's gates did not all pass
       |- NotServing               a service answers, but not as this version must
"""


class HeadgateError(Exception):
    """An error with what is wrong, the value seen, the limit, and what to do about it.

    All four arguments reach `Exception.__init__`, so that the error survives pickling.
    """

    exit_code = 2

    def __init__(self, problem, value=None, limit=None, remedy=None):
        super().__init__(problem, value, limit, remedy)
        self.problem, self.value, self.limit, self.remedy = problem, value, limit, remedy

    def __str__(self):
        parts = [str(self.problem)]
        if self.value is not None:
            parts.append(_sentence(f"Seen: {self.value}"))
        if self.limit is not None:
            parts.append(_sentence(f"Allowed: {self.limit}"))
        if self.remedy is not None:
            parts.append(str(self.remedy))
        return " ".join(part for part in parts if part)


def _sentence(text):
    """End `text` with one full stop, unless it ends a sentence already."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


class SpecError(HeadgateError):
    """A model.yaml that cannot be used."""


class FeaturesError(HeadgateError):
    """A features.py that cannot be used."""


class SourceError(HeadgateError):
    """A table that cannot be read."""


class AsOfError(HeadgateError):
    """No rows are visible on that date, or none fall into the holdout."""


class GraphError(HeadgateError):
    """A fitted pipeline that has no faithful ONNX graph."""


class RegistryError(HeadgateError):
    """The registry, a version or a bundle cannot be used."""


class VersionNotFound(RegistryError):
    """No such model, version or alias."""


class NoPrevious(RegistryError):
    """There is no previous champion to roll back to."""


class BundleBroken(RegistryError):
    """A bundle whose files do not match its manifest."""


class StorageError(HeadgateError):
    """The disk is full or not writable."""


class Unstorable(StorageError):
    """The database is there and does not take a value, nor will it later."""


class StateAway(HeadgateError):
    """The branch that carries the state between machines cannot be read or written."""


class StateBroken(HeadgateError):
    """What the branch carries is not a state."""


class StateMoved(HeadgateError):
    """The carried state changed since it was read."""


class CandidatesMissing(HeadgateError):
    """A training that was begun left nothing to compare."""


class CandidatesDiffer(HeadgateError):
    """Candidates that were trained, or judged, on something different."""


class PackageBroken(HeadgateError):
    """A package whose bytes are not those that were proved, or do not hold what it says."""


class ReviewersNotTold(HeadgateError):
    """GitHub refused a comment, or does not answer."""


class ServerTrouble(HeadgateError):
    """The Prefect server is away, refuses, or is of another version, or a run there did not end in time."""


class Busy(HeadgateError):
    """Another process holds the lock of this model."""


class ServiceAway(HeadgateError):
    """A service does not answer, or not in time."""


class AliasMoved(HeadgateError):
    """Somebody else moved who serves in the meantime."""


class DeploymentOpen(HeadgateError):
    """Another version's deployment was cut off and must be finished first."""


class Refusal(HeadgateError):
    """The answer is no."""

    exit_code = 1


class DataRejected(Refusal):
    """Validation said no; nothing was trained."""


class TooFewRows(Refusal):
    """A statistic that needs more rows than there are."""


class PromotionRefused(Refusal):
    """The version's gates did not all pass."""


class NotServing(Refusal):
    """A service answers, but not as this version must."""
