"""A chain of ledger entries, and each way in which it can be broken."""

from dataclasses import replace

import pytest

from headgate.ledger.actor import current_actor
from headgate.ledger.entry import GENESIS, Entry, check_chain


@pytest.fixture
def chain():
    found, previous = [], GENESIS
    for sequence in range(1, 5):
        entry = Entry("kettle", sequence, "2026-01-01T00:00:00+00:00", "ana@desk", "promoted", str(sequence), "d" * 64,
                      '{"before":""}', previous)
        found.append(replace(entry, hash=entry.sealed_hash()))
        previous = found[-1].hash
    return found


def head_of(chain):
    return chain[-1].sequence, chain[-1].hash


def test_an_untouched_chain_holds(chain):
    assert check_chain(chain, head_of(chain)).ok
    assert check_chain([], (0, GENESIS)).ok


@pytest.mark.parametrize("change", [{"body": "{}"}, {"actor": "eve"}, {"at": "2026-01-02"}, {"event": "validated"},
                                    {"version": "9"}, {"digest": "e" * 64}, {"model": "teapot"}])
def test_a_changed_field_is_found(chain, change):
    chain[1] = replace(chain[1], **change)
    found = check_chain(chain, head_of(chain))
    assert not found.ok and found.broken_at == 2 and "was changed" in found.why


def test_a_changed_row_with_a_new_hash_is_found_at_the_next_one(chain):
    forged = replace(chain[1], actor="eve")
    chain[1] = replace(forged, hash=forged.sealed_hash())
    assert check_chain(chain, head_of(chain)).broken_at == 3


def test_a_removed_row_is_found_wherever_it_was(chain):
    head = head_of(chain)
    assert check_chain(chain[1:], head).broken_at == 1
    assert check_chain(chain[:2] + chain[3:], head).broken_at == 3
    assert check_chain(chain[:3], head).broken_at == 4
    assert check_chain([], head).broken_at == 1


def test_reordered_rows_are_found(chain):
    swapped = [chain[0], replace(chain[2], sequence=2), replace(chain[1], sequence=3), chain[3]]
    assert check_chain(swapped, head_of(chain)).broken_at == 2
    assert check_chain([chain[0], chain[2], chain[1], chain[3]], head_of(chain)).broken_at == 2


def test_an_added_row_is_found(chain):
    extra = Entry("kettle", 5, "2026", "eve", "promoted", "9", "", "{}", chain[-1].hash)
    assert check_chain([*chain, replace(extra, hash=extra.sealed_hash())], head_of(chain)).broken_at == 6


def test_the_actor_is_who_started_the_action_or_who_is_logged_in():
    assert current_actor({"GITHUB_ACTOR": "ana"}) == "ana@github"
    assert "@" in current_actor({}) and not current_actor({}).endswith("@github")
