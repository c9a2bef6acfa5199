"""The locks stay installable when a package on them has a new release: older pips need each asked extra named there."""

import re
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ["requirements.txt", "requirements-dev.txt", "requirements-api.txt"]


def pinned(lock):
    """Return (name, extras) of every line of a lock that pins something."""
    lines = re.findall(r"^[A-Za-z0-9][^ ;]*(?===)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE)
    found = [Requirement(line) for line in lines]
    return {(canonicalize_name(one.name), frozenset(one.extras)) for one in found}


def asked_of_others(name):
    """Return (name, extras) of whatever an installed package requires with extras; nothing for one that is not here."""
    try:
        asked = [Requirement(one) for one in requires(name) or ()]
    except PackageNotFoundError:    # of another platform
        return set()
    return {(canonicalize_name(one.name), frozenset(one.extras)) for one in asked
            if one.extras and (one.marker is None or one.marker.evaluate({"extra": ""}))}


@pytest.mark.parametrize("lock", LOCKS)
def test_whatever_is_asked_for_with_an_extra_is_pinned_with_it(lock):
    known = pinned(lock)
    asked = set().union(*(asked_of_others(name) for name, _ in known))

    assert asked <= known


@pytest.mark.parametrize("lock", LOCKS)
def test_a_package_with_an_extra_is_pinned_without_it_too(lock):
    known = pinned(lock)

    assert {(name, frozenset()) for name, _ in known} <= known
