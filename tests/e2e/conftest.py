"""One running Prefect server per worker, and places with an empty registry."""

import os
import shutil
import subprocess
import sys

import kettles
import pytest
import shop
from commands import CHECKOUT, Place
from ports import free_port, wait_for

from headgate import ledger
from headgate.bundle import verify
from headgate.registry import read


@pytest.fixture(scope="session")
def prefect_url(tmp_path_factory, prefect_tables):
    """URL of a Prefect API with a database of its own; it ends with this process."""
    from prefect.logging.configuration import setup_logging
    setup_logging()     # now, for its handlers hold on to the standard error they find
    home, port, started = tmp_path_factory.mktemp("prefect"), free_port(), []

    def start():
        with open(home / "server.log", "wb") as log:
            started.append(subprocess.Popen(
                [sys.executable, "-m", "flows.launch.server", str(port)], cwd=CHECKOUT, stdout=log, stderr=log,
                stdin=subprocess.PIPE, env={**os.environ, "PREFECT_HOME": str(home)}))
        wait_for(port, started[0], "/api/health")

    try:
        prefect_tables(home, start)
        yield f"http://127.0.0.1:{port}/api"
    finally:
        for server in started:
            end(server)


def end(server):
    server.stdin.close()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


@pytest.fixture(scope="session")
def open_shop(request, empty_registry):
    """Make places: open_shop(folder) has no model yet, a registry without versions and a running Prefect server.

    open_shop(folder, embedded=True) has no server.
    """
    def make(root, *, embedded=False):
        place = Place(root, None if embedded else request.getfixturevalue("prefect_url"))
        place.home.mkdir(parents=True)
        shutil.copy(empty_registry, place.home / "mlflow.db")
        return place
    return make


@pytest.fixture(scope="session")
def kettle_stock(tmp_path_factory, empty_registry):
    """Home of a registry of kettles: champion 1, challenger 2, and 3, strict and held by its gates."""
    stock = Place(tmp_path_factory.mktemp("kettles") / "stock")
    stock.home.mkdir(parents=True)
    shutil.copy(empty_registry, stock.home / "mlflow.db")
    for wishes in ({}, {}, {"decision": "hold", "spec": kettles.STRICT}):
        kettles.put(stock, **wishes)
    return stock.home


@pytest.fixture
def kettle_place(tmp_path, kettle_stock, prefect_url):
    """A place with a copy of that registry and a running Prefect server; its bundles are shared."""
    place = Place(tmp_path / "place", prefect_url)
    place.home.mkdir(parents=True)
    for name in ("mlflow.db", "headgate.db"):
        shutil.copy(kettle_stock / name, place.home / name)
    return place


@pytest.fixture(scope="module")
def settled(open_shop, tmp_path_factory):
    """A shop whose first model is the champion: (place, summary of that training)."""
    place = open_shop(tmp_path_factory.mktemp("settled"))
    shop.orders().to_csv(place.root / "shop.csv", index=False)
    shop.write_model(place.root)
    first = place.train()
    assert first["outcome"] == "promoted", first.complained
    return place, first.document


@pytest.fixture
def undisturbed(settled):
    """The settled shop; afterwards versions, aliases and the champion's bundle must be what they were before."""
    place, _ = settled
    before = [(one.version, one.aliases, one.digest) for one in read.list_versions(place.workspace, "shop")]
    yield place
    shop.orders().to_csv(place.root / "shop.csv", index=False)
    shop.write_model(place.root)
    every = read.list_versions(place.workspace, "shop", half_made=True)
    assert [(one.version, one.aliases, one.digest) for one in every] == before
    champion = read.champion(place.workspace, "shop")
    assert verify(read.bundle_folder(place.workspace, champion)) == champion.digest
    assert ledger.verify_chain(place.workspace, "shop").ok
