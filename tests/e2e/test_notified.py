"""A team is told by webhook what becomes of its data and models, once per change, and no run minds a broken channel."""

import pytest
import shop
from receiver import receiving

IMPOSSIBLE = {"algorithms": {"logistic_regression": {}}, "gates": [{"gate": "metric", "metric": "accuracy",
                                                                   "at_least": 0.9999}]}


@pytest.fixture
def place(open_shop, tmp_path):
    place = open_shop(tmp_path)
    shop.write_model(tmp_path)
    return place


def told(receiver):
    """Return the kinds since it was last asked."""
    kinds = receiver.kinds
    receiver.got.clear()
    return kinds


def test_the_story_of_a_model_in_notices(place, monkeypatch):
    table = place.root / "shop.csv"
    with receiving() as receiver, receiving(500) as ill:
        monkeypatch.setenv("HEADGATE_NOTIFY", f"{receiver.url} {ill.url}/S3CRET")
        shop.orders(2000, noise=0.05).to_csv(table, index=False)
        assert place.train()["outcome"] == "promoted"
        [(_, first)] = receiver.got
        assert first["title"] == "shop: first champion" and "Version 1 is champion." in first["message"]
        assert "python -m headgate why shop --version 1" in first["message"] and told(receiver) == ["promoted"]

        table.write_text(table.read_text().replace("blue", "blau"), encoding="utf-8")
        assert place.validate().code == 1 and place.train().code == 1
        [(_, bad)] = receiver.got
        assert "colour" in bad["message"] and "What serves now: Version 1 is champion." in bad["message"]
        assert told(receiver) == ["data_rejected"], "the training found what the validation had told already"

        shop.orders(2000, noise=0.05, seed=1).to_csv(table, index=False)
        shop.write_model(place.root, shop.spec(**IMPOSSIBLE))
        rejected = place.train()
        assert rejected.code == 1 and "S3CRET" not in rejected.complained + rejected.said
        assert [document["title"] for _, document in receiver.got] == [
            "shop: data valid again", "shop: candidate rejected by the gates"]
        assert "0.9999" in receiver.got[1][1]["message"] and told(receiver) == ["data_valid", "gates_rejected"]

        table.unlink()
        assert place.validate().code == 2 and told(receiver) == []
    assert ill.got, "the one that answers 500 was asked each time"


def test_a_flow_that_cannot_run_is_told_until_it_runs_again(place, monkeypatch):
    with receiving() as receiver:
        monkeypatch.setenv("HEADGATE_NOTIFY", receiver.url)
        frame = shop.orders()
        frame.to_csv(place.root / "shop.csv", index=False)
        notices = place.home / "ledger-is-away"
        monkeypatch.setenv("HEADGATE_DATABASE_URL", f"sqlite:///{notices}/x/y.db")
        notices.write_text("a file where a folder should be")
        assert place.validate().code == 2 and place.validate().code == 2
        [(_, document)] = receiver.got
        assert document["title"] == "shop: could not run" and "The flow validate could not run" in document["message"]
        monkeypatch.delenv("HEADGATE_DATABASE_URL")
        assert place.validate().code == 0
    assert receiver.kinds == ["failed", "recovered"]
