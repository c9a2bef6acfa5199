"""API keys: random, kept as hashes in a file that may be changed while the service runs."""

import hashlib
import hmac
import logging
import os
import re
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from api.problems import Trouble
from headgate.errors import HeadgateError

log = logging.getLogger("headgate.api.keys")
LINE = re.compile(r"([A-Za-z0-9_.@-]{1,60}) (predict|admin) ([0-9a-f]{64})")
LOOK_SECONDS = 1.0
CHALLENGE = ((b"www-authenticate", b'Bearer realm="headgate"'),)


@dataclass(frozen=True)
class Key:
    """Whose key, what it may, and the SHA-256 of it. An admin key may also predict."""

    name: str
    may: str
    digest: bytes


class Keys:
    """The keys of a file; without a file everybody may predict and nobody may administer."""

    def __init__(self, path=None):
        self.path, self._keys, self._mark, self._looked = path and Path(path), (), None, 0.0
        self.trouble = ""
        if self.path is not None:
            self._mark = _mark(self.path)
            self._keys = read_keys(self.path)
            self.trouble = _emptiness(self.path, self._keys)

    def check(self, head):
        """Raise Trouble 401 unless the Head bears a key, where keys are asked for."""
        if self.path is not None and self._bearer(head.key) is None:
            raise Trouble(401, "This needs an API key: send it as X-API-Key, or as Authorization: Bearer.",
                          headers=CHALLENGE)

    def check_probe(self, head):
        """Raise Trouble 403 unless the Head may ask without being logged: an admin's key, or nobody needs one."""
        found = self._bearer(head.key) if self.path is not None else None
        if self.path is not None and (found is None or found.may != "admin"):
            raise Trouble(403, "Only an admin key may ask with X-Headgate-Probe, which leaves no trace in the log.")

    def trusts(self, head):
        """True where no keys are asked for, or the Head bears one."""
        return self.path is None or self._bearer(head.key) is not None

    def check_admin(self, head):
        """Return the name of the admin whose key the Head bears; raise Trouble 401 or 403."""
        if self.path is None or not any(key.may == "admin" for key in self._current()):
            raise Trouble(403, "Admin routes are off: no admin key is set. See `python -m api key --help`.")
        found = self._bearer(head.key)
        if found is None:
            raise Trouble(401, "This needs an admin key: send it as X-API-Key, or as Authorization: Bearer.",
                          headers=CHALLENGE)
        if found.may != "admin":
            raise Trouble(403, "This key may not administer.")
        return found.name

    def _bearer(self, key):
        digest, found = hashlib.sha256(key).digest(), None
        for one in self._current():
            if hmac.compare_digest(one.digest, digest):
                found = one
        return found

    def _current(self):
        if self.path is not None and time.monotonic() - self._looked > LOOK_SECONDS:
            self._looked = time.monotonic()
            mark = _mark(self.path)
            if mark != self._mark:
                self._mark = mark
                self._keys, self.trouble = _read_or_none(self.path)
        return self._keys


def read_keys(path):
    """Return the Keys in a file; raise HeadgateError naming the line that is none."""
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise HeadgateError(f"The file of API keys {path} cannot be read: {error}.",
                            remedy="Make one: python -m api key NAME --keys-file FILE.") from None
    found = []
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.startswith("#"):
            match = LINE.fullmatch(line.strip())
            if match is None:
                raise HeadgateError(f"{path}: line {number} is no API key.", limit="NAME predict|admin SHA256")
            found.append(Key(match[1], match[2], bytes.fromhex(match[3])))
    return tuple(found)


def add_key(path, name, *, admin=False):
    """Make a key, append its hash to the file, and return the key: it cannot be shown again."""
    key = secrets.token_urlsafe(32)
    line = f"{name} {'admin' if admin else 'predict'} {hashlib.sha256(key.encode()).hexdigest()}\n"
    if LINE.fullmatch(line.strip()) is None:
        raise HeadgateError("A key needs a plain name.", value=repr(name), limit="letters, digits and _ . @ -")
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(line)
    return key


def _read_or_none(path):
    """Return (keys, trouble). A file that is broken or gone lets nobody in, rather than everybody."""
    try:
        found = read_keys(path)
        trouble = _emptiness(path, found)
    except HeadgateError as error:
        found, trouble = (), str(error)
    if trouble:
        log.error("no API key is valid any more: %s", trouble)
    return found, trouble


def _emptiness(path, keys):
    return "" if keys else f"There is no key in the file of API keys {path}, so nobody is let in."


def _mark(path):
    try:
        found = os.stat(path)
        return found.st_mtime_ns, found.st_size, found.st_ino
    except OSError:
        return None
