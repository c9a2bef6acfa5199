"""The table of settings in docs/serving.md says what api.settings.Settings says: every setting, every default."""

import json
import re
from pathlib import Path

import pytest

from api.settings import Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "serving.md"
LINE = re.compile(r"\| `(HEADGATE_[A-Z_]+)` \| (`--[^|]+`) \| (`[^`]*`)? ?\| ([^|]+) \|")


def told():
    """Return variable -> (options, default as written or None, meaning), in the order of the table."""
    return {match[1]: (re.findall("`([^`]+)`", match[2]), match[3] and match[3].strip("`"), match[4])
            for match in LINE.finditer(PAGE.read_text(encoding="utf-8"))}


def test_the_table_names_every_setting_and_nothing_else():
    assert list(told()) == [f"HEADGATE_{name.upper()}" for name in Settings.model_fields]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_setting_is_told_as_it_is(name):
    options, default, meaning = told()[f"HEADGATE_{name.upper()}"]
    field, option = Settings.model_fields[name], name.replace("_", "-")
    assert options == ([f"--{option}", f"--no-{option}"] if field.annotation is bool else [f"--{option}"])
    assert meaning.strip()
    if field.default is None:
        assert default is None
    else:
        assert default == (field.default if isinstance(field.default, str) else json.dumps(field.default))
