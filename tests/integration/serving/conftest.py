"""A shelf of bundles and a state directory per test, and a service over them."""

import bundles
import pytest
from running import in_thread, workspace_at
from shelf import Shelf

ROW = {"water level": 1.5, "maker": "a"}


@pytest.fixture
def shelf(tmp_path):
    """A folder for bundles, with no model yet."""
    (tmp_path / "bundles").mkdir()
    return Shelf(tmp_path / "bundles")


@pytest.fixture
def workspace(tmp_path):
    """A state directory with nothing in it."""
    return workspace_at(tmp_path / "home")


@pytest.fixture
def kettle(shelf, workspace):
    """A service whose default and only model is the kettle."""
    shelf.put(version="1")
    with in_thread(workspace, bundles=shelf.folder) as service:
        yield service


@pytest.fixture(scope="session")
def row():
    """A row that the kettle takes."""
    return dict(ROW)


@pytest.fixture(scope="session")
def with_key():
    """The part of a spec by which a kettle's rows are named."""
    return {"data": {**bundles.SPEC["data"], "key": ["kitchen"]}}
