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
from headgate.errors import HeadgateError, RegistryError

log = logging.getLogger("headgate.api.models")
RETRY_SECONDS = 60
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
        self._busy, self._wake, self._over = threading.Lock(), threading.Event(), False
        self._loaded, self._tried, self._thread = {}, {}, None

    def start(self):
        """Look for the first time in a thread of its own, and go on looking."""
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)
        self._thread.start()

    def stop(self):
        """Look no more."""
        self._over = True
        self._wake.set()
        self.source.close()

    def refresh(self, *, force=False):
        """Look now; `force` also tries what was refused before. Returns the State."""
        with self._busy:
            try:
                if force:
                    self.source.hurry()
                listing = self.source.listing()
            except HeadgateError as error:
                self._set(trouble=str(error), looked=True)
                return self.state
            if self.state.trouble and not listing.trouble:
                log.info("the source of versions can be read again")
            self._remove({one.model for one in listing.wanted})
            for wanted in listing.wanted:
                self._take(wanted, force)
            self._set(trouble=listing.trouble, looked=True, default=self._default(listing))
            return self.state

    def _run(self):
        _give_way()
        while not self._over:
            try:
                self.refresh()
            except Exception:
                log.exception("looking for versions failed")
                self._set(trouble="Looking for versions failed; the log of the service says more.", looked=True)
            self._wake.wait(self.poll_seconds)

    def _take(self, wanted, force):
        mark = _mark(wanted)
        if self._loaded.get(wanted.model) == mark:
            self._rename(wanted)
            self._forget_refusal(wanted.model)
            return
        tried, at = self._tried.get(wanted.model, (None, 0.0))
        if tried != mark or force or time.monotonic() - at >= RETRY_SECONDS:
            self._tried[wanted.model] = (mark, time.monotonic())
            self._swap(wanted, mark)
            give_back()

    def _swap(self, wanted, mark):
        try:
            if wanted.trouble:
                raise RegistryError(wanted.trouble)
            served = load(wanted, self.limits)
        except HeadgateError as error:
            self._refuse(wanted, str(error))
        except Exception:
            log.exception("%s %s could not be loaded", wanted.model, wanted.version)
            self._refuse(wanted, "It could not be loaded; the log of the service says more.")
        else:
            self._publish(served, mark)

    def _publish(self, served, mark):
        before = self.state.served.get(served.model)
        self._loaded[served.model] = mark
        self._set(served={**self.state.served, served.model: served})
        self._forget_refusal(served.model)
        self.observe(served.model, "swapped" if before else "loaded")
        log.info("%s %s serves", served.model, served.version,
                 extra={"model": served.model, "version": served.version, "digest": served.digest,
                        "before": before.version if before else ""})

    def _refuse(self, wanted, why):
        self.observe(wanted.model, "refused")
        log.error("%s %s is refused: %s", wanted.model, wanted.version, why,
                  extra={"model": wanted.model, "version": wanted.version, "digest": wanted.digest})
        refused = Refused(wanted.model, wanted.version, wanted.digest, why, iso(now()))
        self._set(refused={**self.state.refused, wanted.model: refused})

    def _forget_refusal(self, model):
        if model in self.state.refused:
            self._set(refused={name: one for name, one in self.state.refused.items() if name != model})

    def _rename(self, wanted):
        """The same bundle may be registered again under another number."""
        current = self.state.served[wanted.model]
        if wanted.version and current.version != wanted.version:
            self._set(served={**self.state.served, wanted.model: replace(current, version=wanted.version)})

    def _remove(self, names):
        gone = [name for name in self.state.served if name not in names]
        for name in gone:
            log.warning("%s has no champion any more and is not served", name, extra={"model": name})
            self._loaded.pop(name, None)
            self._tried.pop(name, None)
        if gone or set(self.state.refused) - names:
            self._set(served={name: one for name, one in self.state.served.items() if name in names},
                      refused={name: one for name, one in self.state.refused.items() if name in names})

    def _default(self, listing):
        named = self.default or listing.default
        if named is not None:
            return named
        names = [one.model for one in listing.wanted]
        return names[0] if len(names) == 1 else EXAMPLE if EXAMPLE in names else None

    def _set(self, **parts):
        before = self.state
        self.state = State(**{**vars(before), **parts})
        if parts.get("trouble") and parts["trouble"] != before.trouble:
            log.error("the source of versions cannot be read: %s", parts["trouble"])
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
