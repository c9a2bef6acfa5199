"""A team's repository per test, for the workflows to run in."""

import pytest
from acting import found_team


@pytest.fixture
def small_team(tmp_path):
    """A team with code, tests of its own and no model yet."""
    return found_team(tmp_path, {
        "tests/contract/test_small.py": "def test_one():\n    assert True\n",
        "tests/test_headgate.py": "from headgate.bundle.canonical import plain\n\n\n"
                                  "def test_plain():\n    assert plain((1,)) == [1]\n"})
