"""Keeps loaded what the source wants: looks again and again, proves a new version, and swaps it in."""

import logging
import os
import sys
import threading
import time
from dataclasses import dataclass, replace

from api.models.ids import iso, now
from api.models.load import load
from api.models.memory import give_back
from api.sources.wanted import DIGITS
from headgate.errors import HeadgateError, RegistryError

log = logging.getLogger("headgate.api.models")
RETRY_SECONDS = 60
STOP_SECONDS = 5
NICE = 10
EXAMPLE = "flights"     # what `python -m flows.train` trains when no model is named


@dataclass(frozen=True)
class Refused:
    """A version that was not taken. at : ISO 8601."""

    model: str
    version: str
    digest: str
    why: str
    at: str


@dataclass(frozen=True)
class State:
    """What is served now; replaced as a whole. served, refused : by model. default : its name, or None.

    trouble : why the source could not be read, or "". looked : whether it ever was.
    """

    served: dict
    refused: dict
    default: str | None = None
    trouble: str = ""
    looked: bool = False


class Keeper:
    """Holds the State. `changed` is called with each new one, from the keeper's thread."""

    def __init__(self, source, limits, *, poll_seconds, default=None, changed=None, observe=None):
        self.source, self.limits, self.poll_seconds = source, limits, poll_seconds
        self.default, self.changed = default, changed or (lambda state: None)
        self.observe = observe or (lambda model, result: None)
        self.state = State({}, {})
        self._reading, self._writing, self._turns = threading.Lock(), threading.RLock(), {}
        self._over, self._looks, self._as_of = threading.Event(), 0, {}
        self._loaded, self._tried, self._thread = {}, {}, None

    def start(self):
        """Look for the first time in a thread of its own, and go on looking."""
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
        self._thread.start()

    def stop(self):
        """Look no more, and end what is being proved: a graph that still runs when Python ends would abort it."""
        self._over.set()
        self.source.close()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)

    def refresh(self, *, force=False):
        """Look at every model now; `force` also tries what was refused before. Returns the State."""
        try:
            listing, look = self._look(force)
        except HeadgateError:
            self._set(looked=True)
            return self.state
        names = {one.model for one in listing.wanted}
        for name in {*self.state.served, *self.state.refused} - names:
            self._settle(name, None, look)
        if not self.state.looked:
            self._set(default=self._default(listing))
        for wanted in self._in_turn(listing, force):
            self._settle(wanted.model, wanted, look)
        self._set(looked=True, default=self._default(listing))
        return self.state

    def reload(self, model):
        """Look at one model now, and try again what was refused of it; the proving of others holds up nothing.

        Raises HeadgateError when the source cannot be read.
        """
        listing, look = self._look(True)
        if listing.trouble:
            raise RegistryError(listing.trouble)
        wanted = next((one for one in listing.wanted if one.model == model), None)
        self._settle(model, wanted, look, wait=True)
        self._set(default=self._default(listing))
        return self.state

    def _run(self):
        _give_way()
        while not self._over.is_set():
            try:
                self.refresh()
            except Exception:
                log.exception("looking for versions failed")
                self._set(trouble="Looking for versions failed; the log of the service says more.", looked=True)
            self._over.wait(self.poll_seconds)

    def _look(self, hurry):
        """Return (Listing, number of this look); raise HeadgateError, and remember it, when there is none."""
        if hurry:
            self.source.hurry()
        with self._reading:
            self._looks += 1
            try:
                listing = self.source.listing()
            except HeadgateError as error:
                self._set(trouble=str(error))
                raise
            if self.state.trouble and not listing.trouble:
                log.info("the source of versions can be read again")
            self._set(trouble=listing.trouble)
            return listing, self._looks

    def _in_turn(self, listing, force):
        """Return what to settle: what is new, the default model first, then one of what was refused."""
        new, again = [], []
        for wanted in listing.wanted:
            mark, at = self._tried.get(wanted.model, (None, 0.0))
            if mark != _mark(wanted):
                new.append(wanted)
            elif force or time.monotonic() - at >= RETRY_SECONDS:
                again.append((at, wanted))
        again.sort(key=lambda pair: pair[0])
        return [*sorted(new, key=lambda one: one.model != self.state.default),
                *(wanted for _, wanted in (again if force else again[:1]))]

    def _settle(self, model, wanted, look, *, wait=False):
        """Take what is wanted of a model, or serve it no more; nothing, if a later look came first.

        wait : for another thread that is at this model; else it is left to that one.
        """
        turn = self._turns.setdefault(model, threading.Lock())
        if not turn.acquire(blocking=wait):
            return
        try:
            if look >= self._as_of.get(model, 0):
                self._as_of[model] = look
                self._take(wanted) if wanted else self._remove(model)
        finally:
            turn.release()

    def _take(self, wanted):
        mark = _mark(wanted)
        if self._loaded.get(wanted.model) == mark:
            self._rename(wanted)
            self._forget_refusal(wanted.model)
        else:
            self._swap(wanted, mark)
            give_back()

    def _swap(self, wanted, mark):
        try:
            if wanted.trouble:
                raise RegistryError(wanted.trouble)
            served = load(wanted, self.limits, self._over)
        except HeadgateError as error:
            self._refuse(wanted, mark, str(error))
        except Exception:
            log.exception("%s %s could not be loaded", wanted.model, wanted.called)
            self._refuse(wanted, mark, "It could not be loaded; the log of the service says more.")
        else:
            self._publish(served, mark)

    def _publish(self, served, mark):
        before = self.state.served.get(served.model)
        self._loaded[served.model] = mark
        self._put("served", served.model, served)
        self._forget_refusal(served.model)
        self.observe(served.model, "swapped" if before else "loaded")
        log.info("%s %s serves", served.model, served.version,
                 extra={"model": served.model, "version": served.version, "digest": served.digest,
                        "before": before.version if before else ""})

    def _refuse(self, wanted, mark, why):
        if self._over.is_set():
            return
        self._tried[wanted.model] = (mark, time.monotonic())
        self.observe(wanted.model, "refused")
        log.error("%s %s is refused: %s", wanted.model, wanted.called, why,
                  extra={"model": wanted.model, "version": wanted.called, "digest": wanted.digest})
        self._put("refused", wanted.model, Refused(wanted.model, wanted.called, wanted.digest, why, iso(now())))

    def _forget_refusal(self, model):
        """What is tried again later is told again, whatever it looks like."""
        self._tried.pop(model, None)
        self._put("refused", model, None)

    def _rename(self, wanted):
        """The same bundle may be registered again under another number, or be given another role."""
        current = self.state.served[wanted.model]
        called = wanted.version or current.digest[:DIGITS]
        if (current.version, current.role) != (called, wanted.role):
            self._put("served", wanted.model, replace(current, version=called, role=wanted.role))
            log.info("%s %s serves as %s", wanted.model, called, wanted.role,
                     extra={"model": wanted.model, "version": called, "role": wanted.role, "digest": current.digest})

    def _remove(self, model):
        if model in self.state.served:
            log.warning("%s has no champion any more and is not served", model, extra={"model": model})
        self._loaded.pop(model, None)
        self._put("served", model, None)
        self._forget_refusal(model)

    def _default(self, listing):
        named = self.default or listing.default
        if named is not None:
            return named
        names = [one.model for one in listing.wanted]
        return names[0] if len(names) == 1 else EXAMPLE if EXAMPLE in names else None

    def _put(self, part, model, one):
        """Replace what `served` or `refused` holds of a model; None takes it out."""
        with self._writing:
            others = {name: other for name, other in getattr(self.state, part).items() if name != model}
            self._set(**{part: others if one is None else {**others, model: one}})

    def _set(self, **parts):
        with self._writing:
            before, self.state = self.state, replace(self.state, **parts)
            if self.state.trouble and self.state.trouble != before.trouble:
                log.error("the source of versions cannot be read: %s", self.state.trouble)
            if self.state != before:
                self.changed(self.state)


def _mark(wanted):
    """Return what tells one attempt from another: the digest, or what the manifest's file looks like."""
    if wanted.digest or wanted.trouble:
        return wanted.digest, str(wanted.folder), wanted.trouble
    try:
        found = os.stat(wanted.folder / "manifest.json")
        return str(wanted.folder), found.st_mtime_ns, found.st_ino, found.st_size
    except OSError:
        return str(wanted.folder), None


def _give_way():
    """On Linux, let this thread work only where the answers leave time for it."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
