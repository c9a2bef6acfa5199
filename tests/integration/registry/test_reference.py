"""The reference that drift is measured against is that of the champion, whole, or there is a clear error."""

import shutil

import numpy as np
import pandas as pd
import pytest
from champions import answer

from headgate import ledger
from headgate.bundle import seal
from headgate.current.champion import find_champion
from headgate.drift.compare import compare
from headgate.drift.request import ask
from headgate.errors import BundleBroken, VersionNotFound
from headgate.registry.aliases import promote
from headgate.registry.register import register

NOW = 1_900_000_000_000


def reference(folder, *, rows=800, seed=0):
    """Put a reference into a bundle and seal it again."""
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame({"water level": draw.normal(size=rows), "maker": draw.choice(["a", "b"], rows)})
    frame.astype({"maker": "str"}).to_parquet(folder / "reference.parquet", index=False)
    seal(folder, "kettle")
    return folder


@pytest.fixture
def served(workspace, bundle):
    """Version 1 is champion; returns the workspace."""
    promote(workspace, "kettle", register(workspace, reference(bundle())).version)
    return workspace


def test_without_a_champion_there_is_no_reference(workspace, bundle):
    with pytest.raises(VersionNotFound, match="no reference to compare with.*Train one") as nothing:
        find_champion(workspace, "kettle")
    assert nothing.value.exit_code == 2
    register(workspace, reference(bundle()))
    with pytest.raises(VersionNotFound, match="no reference to compare with.*alias 'champion'"):
        find_champion(workspace, "kettle")
    assert find_champion(workspace, "kettle", "1").chosen.version == "1", "any version can be compared with"


def test_the_reference_of_another_version_in_its_place_is_refused(served, bundle):
    ours = find_champion(served, "kettle")
    other = reference(bundle(bias=0.5), seed=1)
    shutil.copy(other / "reference.parquet", ours.reference)
    with pytest.raises(BundleBroken, match="reference.parquet was changed after the bundle was sealed"):
        find_champion(served, "kettle")


def test_the_bundle_of_another_version_in_its_place_is_refused(served, bundle):
    ours = find_champion(served, "kettle")
    other = reference(bundle(bias=0.5), seed=1)
    shutil.rmtree(ours.chosen.folder)
    shutil.copytree(other, ours.chosen.folder)
    with pytest.raises(BundleBroken, match="is another bundle than the one asked for"):
        find_champion(served, "kettle")


def test_a_bundle_without_a_reference_says_so(workspace, bundle):
    promote(workspace, "kettle", register(workspace, bundle()).version)
    with pytest.raises(BundleBroken, match="has no reference.parquet"):
        find_champion(workspace, "kettle")


def test_answers_of_the_champion_before_are_not_current_and_its_own_are(served, bundle):
    first = find_champion(served, "kettle")
    rows = [{"water level": level, "maker": "a"} for level in np.linspace(-2, 2, 600)]
    answer(served, first, rows, [(0.4, 0.6)] * 600, at=first.created - 1000)
    assert compare(served, first, ask(first, current="log", now=NOW, since="2026-01-01")).comparison.rows == 600
    promote(served, "kettle", register(served, reference(bundle(bias=0.5))).version)
    second = find_champion(served, "kettle")
    held = compare(served, second, ask(second, current="log", now=NOW, since="2026-01-01")).comparison
    assert held.outcome == "held" and held.rows == 0
    assert [one.event for one in ledger.entries(served, "kettle")][-1] == "promoted"
