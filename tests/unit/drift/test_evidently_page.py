"""Evidently's page: whole in one file, nothing private on it, and no column it would stumble over."""

import json
import re

import ferries
import pytest
from champions import champion_of, workspace_in

from headgate.drift.compare import compare
from headgate.drift.evidently_page import PREDICTED, write_evidently_page
from headgate.drift.request import ask

LOADED = re.compile(r"""<(?:script|link|img|iframe)\b[^>]*(?:src|href)\s*=\s*["']?(?!data:)""", re.IGNORECASE)


@pytest.fixture(scope="module")
def page(ferries_bundle, tmp_path_factory):
    """The text of a page about rows without any cargo."""
    folder = tmp_path_factory.mktemp("page")
    champion = champion_of(ferries_bundle, folder / "bundle", ferries.spec(), ferries.table(800), home=folder)
    ferries.table(700, seed=1).assign(cargo=None).to_csv(folder / "now.csv", index=False)
    compared = compare(workspace_in(folder), champion, ask(champion, data=folder / "now.csv", now=0))
    return write_evidently_page(folder / "evidently.html", compared, champion).read_text(encoding="utf-8")


def test_it_loads_nothing_from_anywhere(page):
    assert not LOADED.findall(page) and "<script" in page
    assert len(page) > 1_000_000, "scripts and fonts are in it"


def test_it_shows_every_column_but_private_and_empty_ones_and_times(page):
    shown = {name for name in ("wind", "crew", "gale", "line", "cargo", "captain_age", "leaves", PREDICTED)
             if json.dumps(name) in page or f"'{name}'" in page}
    assert shown == {"wind", "crew", "gale", "line", PREDICTED}


def test_it_says_what_it_is_and_that_it_decides_nothing(page):
    assert "ferries, version 1. " in page and "This page shows a sample: 700 of 700 current rows" in page
