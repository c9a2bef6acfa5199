"""A registry or ledger that is away, locked or full: one clear error within seconds, and nothing left behind."""

import multiprocessing
import sqlite3
import time
from contextlib import closing
from dataclasses import replace

import pytest
from bundles import write_bundle
from places import workspace_at

from headgate import ledger
from headgate.errors import HeadgateError, RegistryError, StorageError
from headgate.database import engine as database
from headgate.registry import embedded, mlflow_store, read
from headgate.registry.register import log_rejected, register


def test_an_unreachable_server_fails_fast(workspace, bundle):
    away = replace(workspace, tracking_uri="http://127.0.0.1:9")
    started = time.monotonic()
    for attempt in (lambda: register(away, bundle()), lambda: read.champion(away, "kettle"),
                    lambda: log_rejected(away, bundle(decision="reject"), model="kettle")):
        with pytest.raises(RegistryError, match="127.0.0.1:9 does not answer"):
            attempt()
    assert time.monotonic() - started < 10
    assert ledger.entries(workspace, "kettle") == ()


def test_a_locked_registry_is_named(workspace, bundle, monkeypatch):
    monkeypatch.setattr(embedded, "SECONDS", 0.1)
    folder = bundle()
    with closing(sqlite3.connect(workspace.home / "mlflow.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        for attempt in (lambda: register(workspace, folder), lambda: read.champion(workspace, "kettle"),
                        lambda: read.list_names(workspace)):
            with pytest.raises(RegistryError, match="locked by another process"):
                attempt()
        other.rollback()
    assert register(workspace, folder).version == "1", "and works again once it is free"


def test_a_file_that_is_no_database_is_named(workspace):
    (workspace.home / "mlflow.db").write_bytes(b"certainly no database" * 100)
    with pytest.raises(RegistryError, match="mlflow.db cannot be used"):
        read.champion(workspace, "kettle")


def test_a_registry_that_was_never_written_to_has_no_champion(tmp_path):
    workspace = workspace_at(tmp_path / "nowhere")
    assert read.champion(workspace, "kettle") is None and read.list_names(workspace) == ()
    assert not workspace.home.exists(), "looking creates nothing"


def test_a_locked_ledger_is_named(workspace, monkeypatch):
    monkeypatch.setattr(database, "BUSY_MILLISECONDS", 50)
    ledger.append(workspace, "kettle", "validated")
    with closing(sqlite3.connect(workspace.home / "headgate.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError, match="locked"):
            ledger.append(workspace, "kettle", "validated")


def test_a_ledger_that_cannot_be_written_is_named(workspace, tmp_path):
    (tmp_path / "file").write_text("no folder")
    for url in (f"sqlite:///{tmp_path}/file/ledger.db", "postgresql://nobody:secret@127.0.0.1:9/ledger", "no url",
                "strange://nowhere"):
        with pytest.raises(StorageError) as caught:
            ledger.append(replace(workspace, database_url=url), "kettle", "validated")
        assert "secret" not in str(caught.value)


def test_a_full_disk_is_named_and_nothing_is_registered(workspace, tmp_path):
    """Files of the child may not grow over 100 kB, which is what a full disk does to a writer."""
    folder = write_bundle(tmp_path / "big")
    context = multiprocessing.get_context("forkserver")
    answers = context.Queue()
    child = context.Process(target=register_on_a_full_disk, args=(workspace, folder, answers))
    child.start()
    kind, message = answers.get(timeout=120)
    child.join(60)
    assert kind in ("StorageError", "RegistryError") and "Traceback" not in message
    assert read.list_versions(workspace, "kettle") == ()
    assert register(workspace, folder).complete, "and works again once there is room"


def register_on_a_full_disk(workspace, folder, answers):
    import resource
    import signal
    mlflow_store.prepare(workspace)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    try:
        register(workspace, folder)
    except HeadgateError as error:
        answers.put((type(error).__name__, str(error)))
