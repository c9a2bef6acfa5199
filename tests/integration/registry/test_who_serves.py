"""Promotion, refusal, override and rollback, each with its entry in the ledger."""

import json
import threading
from dataclasses import replace

import pytest
import requests

from headgate import ledger
from headgate.errors import BundleBroken, Busy, PromotionRefused, RegistryError, StorageError, VersionNotFound
from headgate.lock import REGISTRY, model_lock
from headgate.registry import aliases, mlflow_store, read
from headgate.registry.register import register


def roles(workspace):
    return {alias: version.version for version in read.list_versions(workspace, "kettle") for alias in version.aliases}


def register_and_accept(workspace, folder, **wishes):
    version = register(workspace, folder)
    return version, aliases.accept(workspace, version, **wishes)


def test_the_first_passing_version_serves_and_the_next_ones_wait(workspace, bundle):
    assert register_and_accept(workspace, bundle())[1] == "promoted"
    assert register_and_accept(workspace, bundle(bias=0.1))[1] == "registered"
    assert register_and_accept(workspace, bundle(bias=0.2))[1] == "registered"
    assert register_and_accept(workspace, bundle(bias=0.3, decision="hold"))[1] == "held"
    assert roles(workspace) == {"champion": "1", "challenger": "3"}


def test_without_bootstrap_the_first_version_waits(workspace, bundle):
    assert register_and_accept(workspace, bundle(), bootstrap=False)[1] == "registered"
    assert roles(workspace) == {"challenger": "1"}


def test_an_older_version_never_replaces_a_newer_challenger(workspace, bundle):
    register_and_accept(workspace, bundle())
    older, newer = (register(workspace, bundle(bias=bias)) for bias in (0.1, 0.2))
    aliases.accept(workspace, newer)
    aliases.accept(workspace, older)
    assert roles(workspace) == {"champion": "1", "challenger": newer.version}


def test_promoting_and_rolling_back(workspace, bundle):
    for bias in (0.0, 0.1):
        register_and_accept(workspace, bundle(bias=bias))
    change = aliases.promote(workspace, "kettle", "challenger", actor="ana@desk")
    assert (change.champion.version, change.before, change.changed) == ("2", "1", True)
    assert roles(workspace) == {"champion": "2", "previous": "1"}
    back = aliases.rollback(workspace, "kettle", reason="errors rose", actor="ana@desk")
    assert (back.champion.version, back.before) == ("1", "2")
    assert roles(workspace) == {"champion": "1"}
    told = ledger.entries(workspace, "kettle")[-2:]
    assert [(entry.event, entry.version, entry.actor) for entry in told] == [
        ("promoted", "2", "ana@desk"), ("rolled back", "1", "ana@desk")]
    assert json.loads(told[1].body)["reason"] == "errors rose"
    assert ledger.verify_chain(workspace, "kettle").ok


def test_rolling_back_without_a_previous_version_says_so(workspace, bundle):
    with pytest.raises(RegistryError, match="no previous champion"):
        aliases.rollback(workspace, "kettle")
    register_and_accept(workspace, bundle())
    with pytest.raises(RegistryError, match="no previous champion"):
        aliases.rollback(workspace, "kettle")
    assert roles(workspace) == {"champion": "1"}


def test_a_version_whose_gates_did_not_all_pass_is_refused_unless_told_why(workspace, bundle):
    register_and_accept(workspace, bundle())
    register_and_accept(workspace, bundle(bias=0.1, decision="hold"))
    for reason in (None, "", "   "):
        with pytest.raises(PromotionRefused, match="accuracy: hold"):
            aliases.promote(workspace, "kettle", "2", override=reason)
    assert roles(workspace) == {"champion": "1"}
    aliases.promote(workspace, "kettle", "2", override=" the floor was for another kettle ")
    assert roles(workspace) == {"champion": "2", "previous": "1"}
    body = json.loads(ledger.entries(workspace, "kettle")[-1].body)
    assert body["override"] == "the floor was for another kettle" and body["decision"] == "hold"


def test_nothing_moves_that_cannot_be_written_into_the_ledger(workspace, bundle):
    register_and_accept(workspace, bundle())
    register_and_accept(workspace, bundle(bias=0.1))
    away = replace(workspace, database_url="postgresql+psycopg://me@127.0.0.1:9/none")
    with pytest.raises(StorageError, match="cannot be used"):
        aliases.promote(away, "kettle", "2")
    assert roles(workspace) == {"champion": "1", "challenger": "2"}
    aliases.promote(workspace, "kettle", "2")
    with pytest.raises(StorageError, match="cannot be used"):
        aliases.rollback(away, "kettle")
    assert roles(workspace) == {"champion": "2", "previous": "1"}


def test_what_does_not_move_is_not_written_into_the_ledger(workspace, bundle, monkeypatch):
    register_and_accept(workspace, bundle())
    register_and_accept(workspace, bundle(bias=0.1))
    before = ledger.entries(workspace, "kettle")
    with monkeypatch.context() as patch, pytest.raises(RegistryError, match="registry .* refused"):
        patch.setattr(mlflow_store, "set_alias", away)
        aliases.promote(workspace, "kettle", "2")
    assert ledger.entries(workspace, "kettle") == before and roles(workspace)["champion"] == "1"


def away(*_):
    """What a registry raises that went away since it was asked last: an OSError, as a database that is away raises."""
    raise requests.ConnectionError("connection reset by peer")


def test_the_reason_of_a_promotion_that_was_cut_off_is_written_when_it_is_finished(workspace, bundle, monkeypatch):
    register_and_accept(workspace, bundle())
    register_and_accept(workspace, bundle(bias=0.1, decision="hold"))
    with mlflow_store.connect(workspace) as client:
        mlflow_store.set_alias(client, "kettle", "champion", "2")      # killed before the ledger was written
    aliases.promote(workspace, "kettle", "2", override="the floor was for another kettle")
    told = json.loads(ledger.entries(workspace, "kettle")[-1].body)
    assert (told["override"], told["decision"]) == ("the floor was for another kettle", "hold") and told["finished"]


def test_a_version_that_comes_out_of_a_training_again_waits_instead_of_a_newer_one(workspace, bundle):
    for bias in (0.0, 0.1, 0.2):
        register_and_accept(workspace, bundle(bias=bias))
    assert roles(workspace) == {"champion": "1", "challenger": "3"}
    assert register_and_accept(workspace, bundle(bias=0.1))[1] == "registered", "changed back to what it was"
    assert roles(workspace) == {"champion": "1", "challenger": "2"}


def test_promoting_the_champion_again_changes_nothing(workspace, bundle):
    register_and_accept(workspace, bundle())
    before = ledger.entries(workspace, "kettle")
    assert not aliases.promote(workspace, "kettle", "1").changed
    assert ledger.entries(workspace, "kettle") == before


def test_a_version_that_is_not_there_or_has_a_broken_bundle_is_never_promoted(workspace, bundle):
    register_and_accept(workspace, bundle())
    with pytest.raises(VersionNotFound, match="no version 7"):
        aliases.promote(workspace, "kettle", "7")
    broken = register(workspace, bundle(bias=0.1))
    (broken.bundle / "gates.json").write_text('{"decision": "promote", "gates": []}')
    with pytest.raises(BundleBroken, match="gates.json"):
        aliases.promote(workspace, "kettle", "2")
    assert roles(workspace) == {"champion": "1"}


def test_one_alias_moves_at_a_time(workspace, bundle, monkeypatch):
    register_and_accept(workspace, bundle())
    register_and_accept(workspace, bundle(bias=0.1))
    monkeypatch.setattr(aliases, "PATIENCE", 0.05)
    holds, done = threading.Event(), threading.Event()

    def hold():
        with model_lock(workspace, "kettle", purpose=REGISTRY):
            holds.set()
            done.wait(30)
    holder = threading.Thread(target=hold)
    holder.start()
    holds.wait(30)
    with pytest.raises(Busy, match="registry lock of 'kettle'"):
        aliases.promote(workspace, "kettle", "2")
    done.set()
    holder.join()
    assert aliases.promote(workspace, "kettle", "2").changed
