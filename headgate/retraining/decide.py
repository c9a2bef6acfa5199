"""Decide whether to train, and write why."""

from dataclasses import dataclass

from headgate.retraining.rules import Reason, holds, reasons


@dataclass(frozen=True)
class Decision:
    """train : whether. sentence : why. reasons, holds : every rule that was asked."""

    train: bool
    sentence: str
    reasons: tuple = ()
    holds: tuple = ()

    @property
    def outcome(self):
        return "due" if self.train else "not_due"

    @property
    def because(self):
        """What decided it, in sentences."""
        fired = [rule.sentence for rule in self.reasons if rule.fires]
        return tuple(fired + [rule.sentence for rule in self.holds if rule.fires and fired])


def decide(spec, facts, *, force=False):
    """Return the Decision. force : train whatever the rules say; they are asked all the same."""
    spoke, held = reasons(spec, facts), holds(spec, facts)
    return Decision(*_verdict(spoke, held, force), spoke, held)


def without_champion(model):
    """Return the Decision for a model that nobody serves yet."""
    rule = Reason("no_champion", None, None, True, f"{model} has no champion yet, so nothing can be compared.")
    return Decision(True, f"A training is due: {rule.sentence}", (rule,))


def _verdict(spoke, held, force):
    for_it, against = [rule for rule in spoke if rule.fires], [rule for rule in held if rule.fires]
    if force:
        return True, "A training was asked for (--force)."
    if not for_it:
        return False, "No training is due. " + " ".join(rule.sentence for rule in spoke)
    why = " ".join(rule.sentence for rule in for_it)
    if against:
        return False, f"No training now, although it would be due: {why} " + " ".join(rule.sentence for rule in against)
    return True, f"A training is due: {why}"
