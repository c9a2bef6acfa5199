"""A source that changed is an event on the Prefect server, and one that did not is none."""

import httpx
import shop
from running import until


def arrived(place):
    """Return the payloads of the events that this place's model sent, oldest first."""
    wanted = {"filter": {"event": {"name": ["headgate.data.arrived"]}, "order": "ASC",
                         "resource": {"id": ["headgate.model.shop"]}}}
    found = httpx.post(f"{place.api}/events/filter", json=wanted, timeout=30).json()["events"]
    return [one["payload"] for one in found]


def test_new_rows_are_told_once(open_shop, tmp_path):
    place = open_shop(tmp_path)
    shop.write_model(tmp_path)
    shop.orders().to_csv(tmp_path / "shop.csv", index=False)
    before = len(arrived(place))
    looks = [place.watch(), place.watch()]
    shop.orders(seed=1).to_csv(tmp_path / "shop.csv", index=False)
    looks += [place.watch(), place.watch()]
    assert [one.code for one in looks] == [0] * 4
    assert [one["outcome"] for one in looks] == ["first", "unchanged", "changed", "unchanged"]
    [told] = until(lambda: arrived(place)[before:], what="the server has no event")
    assert told == {"model": "shop", "digest": looks[2]["digest"], "before": looks[0]["digest"]}


def test_a_source_that_is_away_is_told_and_looked_at_again(open_shop, tmp_path):
    place = open_shop(tmp_path)
    shop.write_model(tmp_path)
    away = place.watch()
    assert away.code == 2 and away["kind"] == "SourceError" and "shop.csv" in away["error"]
    shop.orders().to_csv(tmp_path / "shop.csv", index=False)
    assert place.watch()["outcome"] == "first"
    assert place.watch(model="shpo").code == 2
