"""Nothing else running: a training brings its own Prefect API, which ends with it, however it ends."""

import os
import signal
import time

import pytest
import shop
from processes import runs, started_by
from running import until

from headgate.registry import read


def api_of(process, seconds=60):
    """Return the temporary Prefect API that a command started, as soon as it is there."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        for child in started_by(process.pid, "flows.launch.server", recursive=False):
            return child
        time.sleep(0.02)
    raise AssertionError("no temporary API was started")


def gone(process, seconds=60):
    """True once a process has ended."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if not runs(process):
            return True
        time.sleep(0.05)
    return False


def test_the_temporary_api_ends_with_the_run_that_was_killed_and_with_the_one_that_was_not(open_shop, tmp_path):
    place = open_shop(tmp_path, embedded=True)
    shop.orders().to_csv(tmp_path / "shop.csv", index=False)
    shop.write_model(tmp_path)

    with place.process("flows.train", "--model", "shop", "--json") as killed:
        api = api_of(killed)
        killed.kill()
    assert gone(api), "nobody is left to stop it, so it stops itself"

    with place.process("flows.train", "--model", "shop", "--json") as run:
        api = api_of(run)
        said, complained = run.communicate(timeout=200)
    assert run.returncode == 0, complained
    assert gone(api) and "Traceback" not in complained
    assert read.champion(place.workspace, "shop").version == "1", "also where the killed one had just begun"
    assert place.train()["outcome"] == "unchanged", "which needs no API"


LONG = """
import pathlib
import time


def engineer_features(columns):
    pathlib.Path({mark!r}).touch()
    time.sleep(100)
    return {{"late": columns["price"]}}
"""


@pytest.mark.parametrize("sent, code", [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)],
                         ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_to_the_whole_group_as_from_a_terminal_ends_it_and_nothing_is_left(open_shop, tmp_path, sent, code):
    """Ctrl-C reaches whatever was started, too: the temporary API must outlive the run, which reports to it."""
    place, mark = open_shop(tmp_path, embedded=True), tmp_path / "begun"
    shop.orders().to_csv(tmp_path / "shop.csv", index=False)
    shop.write_model(tmp_path, features=LONG.format(mark=str(mark)))
    with place.process("flows.train", "--model", "shop", "--json", start_new_session=True) as run:
        api = api_of(run)
        until(lambda: mark.exists() or run.poll() is not None, seconds=100)
        os.killpg(run.pid, sent)
        said, complained = run.communicate(timeout=60)
    assert run.returncode == code, complained
    assert gone(api) and "unforeseen" not in complained and "EventsWorker" not in complained
    if sent == signal.SIGINT:
        assert "Interrupted. Nothing half-made is in use" in said + complained
    assert read.champion(place.workspace, "shop") is None
