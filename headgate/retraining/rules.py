"""The rules: each is a reason to train or not, and each can hold a training back or not, in a sentence."""

from dataclasses import asdict, dataclass, field
from datetime import date

from headgate.retraining.evidence import NewLabels
from headgate.spec.gates import MetricGate


@dataclass(frozen=True)
class Reason:
    """One rule. observed, limit : numbers or None. fires : it is a reason to train; of a hold, it holds back."""

    rule: str
    observed: float | None
    limit: float | None
    fires: bool
    sentence: str

    def to_dict(self):
        return asdict(self)


@dataclass(frozen=True)
class Facts:
    """What the rules look at.

    today : the day that the decision stands on. trained : the day that the champion's training stood on.
    training_rows : of the champion. drift : the summary of a comparison. labels : NewLabels.
    trainings : days of those since the first champion. waiting : the day that the waiting challenger's stood on.
    """

    today: date
    trained: date
    training_rows: int
    drift: dict
    labels: NewLabels
    trainings: tuple = field(default=())
    waiting: date | None = None


def accuracy_floor(spec):
    """Return the floor of accuracy on new labels: the spec's own, else that of its accuracy gate, or None."""
    if spec.retraining.min_accuracy is not None:
        return spec.retraining.min_accuracy
    return next((gate.at_least for gate in spec.all_gates
                 if isinstance(gate, MetricGate) and gate.metric == "accuracy"), None)


def schedule(spec, facts):
    """The champion's data is old."""
    wanted = spec.retraining
    age, limit = (facts.today - facts.trained).days, wanted.every_days
    if limit is None:
        return Reason("schedule", age, None, False, "Age is no reason for this model (retraining.every_days).")
    fires = age >= limit
    return Reason("schedule", age, limit, fires, f"The champion's data ends {_days(age)} ago; it is "
                  f"{'due' if fires else 'not due'} after {_days(limit)}.")


def drift(spec, facts):
    """Current rows moved away from its training."""
    wanted = spec.retraining
    found = facts.drift
    share, limit = found["weighted_share"], found["max_weighted_share"]
    if not wanted.drift:
        return Reason("drift", share, limit, False, "Drift is no reason for this model (retraining.drift).")
    return Reason("drift", share, limit, found["drift"], found["sentence"])


def accuracy(spec, facts):
    """The champion is wrong too often."""
    labels, floor, fewest = facts.labels, accuracy_floor(spec), spec.retraining.min_labelled
    if floor is None:
        return Reason("accuracy", labels.accuracy, None, False, "The spec has no floor for accuracy.")
    if labels.judged < fewest:
        return Reason("accuracy", labels.accuracy, floor, False, f"Accuracy is not judged on {_rows(labels.judged)} "
                      f"with a new label; that needs {fewest:,} (retraining.min_labelled).")
    fires = labels.accuracy < floor
    return Reason("accuracy", labels.accuracy, floor, fires, f"Accuracy {labels.accuracy:.3f} on "
                  f"{_rows(labels.judged)} with a new label is {'under' if fires else 'not under'} {floor:.2f}.")


def new_rows(spec, facts):
    """There is enough to learn from."""
    wanted = spec.retraining
    share = facts.labels.rows / max(facts.training_rows, 1)
    told = (f"{_rows(facts.labels.rows)} with a new label ({facts.labels.logged:,} of the prediction log) "
            f"{'is' if facts.labels.rows == 1 else 'are'} {100 * share:.1f} % of the champion's "
            f"{facts.training_rows:,} training rows")
    if wanted.new_rows_share is None:
        return Reason("new_rows", share, None, False, f"{told}; that is no reason for this model.")
    fires = share >= wanted.new_rows_share
    return Reason("new_rows", share, wanted.new_rows_share, fires,
                  f"{told}; {100 * wanted.new_rows_share:g} % are enough.")


def nothing_new(spec, facts):
    """There is nothing to learn from."""
    nothing = facts.labels.rows == 0
    return Reason("nothing_new", facts.labels.rows, 1, nothing, "No row has a new label that a training could learn "
                  "from; it would only make the same again." if nothing else
                  f"A training could learn from {_rows(facts.labels.rows)} with a new label.")


def challenger(spec, facts):
    """A better one waits already."""
    wanted = spec.retraining
    if facts.waiting is None:
        return Reason("challenger", None, wanted.every_days, False, "No challenger waits for its promotion.")
    age, limit = (facts.today - facts.waiting).days, wanted.every_days
    fires = age >= 0 and (limit is None or age < limit)
    return Reason("challenger", age, limit, fires, f"A challenger that passed every gate waits; its data ends "
                  f"{_days(age)} ago" + ("." if limit is None else f", and it is old after {_days(limit)}."))


def cooldown(spec, facts):
    """The last training was only now."""
    wanted = spec.retraining
    past = [day for day in facts.trainings if day <= facts.today]
    if not past:
        return Reason("cooldown", None, wanted.cooldown_days, False, "There was no training since the first champion.")
    age = (facts.today - max(past)).days
    fires = age < wanted.cooldown_days
    return Reason("cooldown", age, wanted.cooldown_days, fires, f"The last training was {_days(age)} ago; between two "
                  f"lie at least {_days(wanted.cooldown_days)} (retraining.cooldown_days).")


def budget(spec, facts):
    """There were enough trainings."""
    budget = spec.retraining.budget
    recent = sum(0 <= (facts.today - day).days < budget.days for day in facts.trainings)
    return Reason("budget", recent, budget.trainings, recent >= budget.trainings, f"{recent} of {budget.trainings} "
                  f"trainings are used in {_days(budget.days)} (retraining.budget).")


def _days(number):
    return f"{number:g} {'day' if number == 1 else 'days'}"


def _rows(number):
    return f"{number:,} {'row' if number == 1 else 'rows'}"


REASONS = (schedule, drift, accuracy, new_rows)
HOLDS = (nothing_new, challenger, cooldown, budget)


def reasons(spec, facts):
    """Return what speaks for a training: every rule, whether or not it fires."""
    return tuple(rule(spec, facts) for rule in REASONS)


def holds(spec, facts):
    """Return what holds a training back, whether or not it does."""
    return tuple(rule(spec, facts) for rule in HOLDS)
