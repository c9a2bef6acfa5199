"""What can be asked of a deployment, and what cannot."""

from dataclasses import replace

import pytest

from headgate.errors import HeadgateError
from headgate.rollout.ask import ask, production_services, staging_service
from headgate.rollout.outcome import production_of
from headgate.rollout.record import BEGAN, STAGED, Deployment
from headgate.rollout.service import check_url
from headgate.rollout.take import FRESH, SERVING, Taken


def asked(**more):
    return ask("kettle", "challenger", **{"environment": {}, **more})


def test_addresses_of_the_environment_and_of_the_command():
    found = asked(environment={"HEADGATE_PRODUCTION_URL": "http://a:1/, http://b:2",
                               "HEADGATE_STAGING_URL": "http://s/"})
    assert found.production == ("http://a:1", "http://b:2") and found.staging == "http://s"
    found = asked(environment={"HEADGATE_PRODUCTION_URL": "http://a:1"}, production_url="https://c/api http://d")
    assert found.production == ("https://c/api", "http://d") and found.staging == ""
    assert staging_service(found) is None and asked().production == ()


def test_an_address_of_an_earlier_run_counts_once_something_answered_there():
    began = {BEGAN: {"production": ["http://mistyped:1"]}}
    one = Deployment("a1", "kettle", "2", "d2", "1", "d1", began)
    assert production_of(asked(), Taken(None, FRESH, "", one)) == ()
    staged = replace(one, steps={**began, STAGED: {}})
    assert production_of(asked(), Taken(None, FRESH, "", staged)) == ("http://mistyped:1",)
    assert production_of(asked(production_url="http://b:2"), Taken(None, FRESH, "", staged)) == ("http://b:2",)
    assert production_of(asked(), Taken(None, SERVING, "")) == ()


def test_keys_are_of_the_environment_and_shown_nowhere():
    environment = {"HEADGATE_ADMIN_KEY": "admin secret", "HEADGATE_STAGING_KEY": "staging secret"}
    found = asked(production_url="http://a", staging_url="http://s")
    services = (*production_services(found.production, environment), staging_service(found, environment))
    assert [one._key for one in services] == ["admin secret", "staging secret"]
    assert "secret" not in repr(services) + repr(found)


@pytest.mark.parametrize("url", ["production", "ftp://a", "http://", "http://ada:secret@a", "http://a:b",
                                 "http://a?b=c", "http://a#b", "", None])
def test_what_is_no_address(url):
    with pytest.raises(HeadgateError, match="no address of a service") as caught:
        check_url(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("more, told", [
    ({"override": "  "}, "--override needs a reason"), ({"approval_timeout": 0.5}, "--approval-timeout"),
    ({"patience": float("nan")}, "--patience"), ({"watch_seconds": -1}, "--watch-seconds"),
    ({"watch_seconds": float("inf")}, "--watch-seconds"), ({"watch_seconds": 8 * 86400}, "--watch-seconds"),
    ({"patience": True}, "--patience")])
def test_what_cannot_be_used(more, told):
    with pytest.raises(HeadgateError, match=told):
        asked(**more)


def test_limits_that_can():
    found = asked(watch_seconds=0, approval_timeout=1, patience=1, override=" a wager ")
    assert (found.watch_seconds, found.approval_timeout, found.patience, found.override) == (0, 1, 1, "a wager")
