"""What a notice says, where it goes, and of whom nothing secret is shown."""

import pytest

from headgate.errors import SpecError
from headgate.notices import Notice, as_markdown, as_text, find_channels
from headgate.notices.channels import split
from headgate.notices.notice import SORTS
from headgate.notices.of_upkeep import of_drift, of_retraining
from headgate.notices.of_runs import of_deployment, of_training, of_validation
from headgate.spec import load_spec
from headgate.spec.notify import KINDS, Notify

FOUND = Notice("drift", "flights", "Drift was found.", why="dep_delay moved by 0.4.", serving="Version 3 is champion.",
               look=("report: drift.html", "its story: python -m headgate why flights --version 3"))


def test_a_notice_says_what_why_what_serves_and_where_to_look():
    assert FOUND.title == "flights: drift found"
    assert as_text(FOUND).splitlines() == [
        "What happened: Drift was found.", "Why: dep_delay moved by 0.4.", "What serves now: Version 3 is champion.",
        "Where to look:", "- report: drift.html", "- its story: python -m headgate why flights --version 3"]
    assert as_markdown(FOUND).startswith("**What happened:** Drift was found.\n\n**Why:** dep_delay moved by 0.4.\n\n")
    assert as_markdown(FOUND).endswith("**Where to look:**\n\n- report: drift.html\n- its story: python -m headgate "
                                       "why flights --version 3")


def test_what_is_not_known_is_left_out():
    assert as_text(Notice("drift", "flights", "Drift was found.")) == "What happened: Drift was found."


def test_every_kind_has_its_words_and_no_other_is_taken():
    assert set(SORTS) == set(KINDS)
    with pytest.raises(ValueError, match="no kind of notice: 'drfit'"):
        Notice("drfit", "flights", "x")


def test_a_state_is_its_kind_and_what_it_is_about():
    two, three = (Notice("deployed", "flights", "x", about=number) for number in "23")
    assert two.topic == three.topic and two.state != three.state
    assert Notice("drift", "flights", "a").topic == Notice("no_drift", "flights", "b").topic
    assert len({Notice("failed", "flights", "x", about=flow).topic for flow in ("train", "drift")}) == 2


@pytest.mark.parametrize("text, urls", [
    ("", []), (" , ", []), ("json://a/b", ["json://a/b"]),
    ("json://a, https://b/c?d=1,2 mailto://u:p@c?to=x@y,z@w\n ${SLACK}",
     ["json://a", "https://b/c?d=1,2", "mailto://u:p@c?to=x@y,z@w", "${SLACK}"])])
def test_urls_stand_between_spaces_or_commas(text, urls):
    assert split(text) == urls


def test_channels_of_the_setting_and_of_the_spec_are_each_there_once():
    notify = Notify(to=["${HOOK}", "json://a/b", "slack://${GONE}/x"])
    found = find_channels(notify, {"HEADGATE_NOTIFY": "json://a/b https://h/s3cret", "HOOK": "https://h/other"})
    assert [(one.name, one.url) for one in found] == [
        ("json://a", "json://a/b"), ("https://h", "https://h/s3cret"), ("https://h 2", "https://h/other"),
        ("slack", "")]
    assert found[-1].trouble == "GONE is not set"


def test_neither_names_nor_complaints_show_a_secret():
    for url, secrets in (
            ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", ["TIiajkdnlazkcOXrIdevi7FQ", "A1BRTD4JD"]),
            ("tgram://123456789:abcdefghijklmno/777777", ["123456789", "abcdefghijklmno"]),
            ("mailto://ada:p%40ssw0rd@mail.example.org", ["p%40ssw0rd", "p@ssw0rd"]),
            ("https://hooks.example.org/services/T0KEN123", ["T0KEN123"])):
        [one] = find_channels(None, {"HEADGATE_NOTIFY": url})
        told = f"{one.name} {one!r} {one.scrub(f'cannot post to {url} with {secrets}')}"
        assert not [secret for secret in secrets if secret in told], told


def test_a_password_has_no_place_in_a_spec(tmp_path):
    folder = tmp_path / "tides"
    folder.mkdir()
    text = ("name: tides\ndata: {source: {csv: t.csv}}\ncolumns: [{name: moon, kind: number}]\n"
            "target: {column: high, classes: [no, yes]}\nalgorithms: [logistic_regression]\n"
            "notify: {to: ['mailto://ada:PASSWORD@example.org'], on: [drift]}\n")
    (folder / "model.yaml").write_text(text.replace("PASSWORD", "hush"), encoding="utf-8")
    with pytest.raises(SpecError, match="has a password in it; write"):
        load_spec(folder)
    (folder / "model.yaml").write_text(text.replace("PASSWORD", "${MAIL}"), encoding="utf-8")
    spec = load_spec(folder)
    assert spec.notify.on == ["drift"] and "notify" not in spec.stored
    (folder / "model.yaml").write_text(text.replace("PASSWORD", "${MAIL}").replace("drift", "drfit"), encoding="utf-8")
    with pytest.raises(SpecError, match="Did you mean 'drift'"):
        load_spec(folder)


GATES = [{"name": "accuracy", "verdict": "fail", "sentence": "Accuracy 0.86 is under 0.90."},
         {"name": "slices", "verdict": "pass", "sentence": "All well."}]
TRAINED = {"model": "flights", "outcome": "registered", "version": "4", "sentence": "Every gate passed.",
           "gates": GATES[1:], "report": "card.html"}


@pytest.mark.parametrize("outcome, kind, what", [
    ("promoted", "promoted", "Version 4 passed every gate and is champion."),
    ("registered", "registered", "Version 4 passed every gate and waits as challenger."),
    ("held", "registered", "Version 4 is registered without an alias: the data cannot tell.")])
def test_of_a_version_it_is_told_what_became_of_it(outcome, kind, what):
    clear, one = of_training({**TRAINED, "outcome": outcome}, serving="Version 3 is champion.")
    assert clear.kind == "data_valid" and (one.kind, one.what, one.serving) == (kind, what, "Version 3 is champion.")
    assert one.look == ("report: card.html", "its story: python -m headgate why flights --version 4")


def test_of_a_rejected_candidate_the_gates_that_failed_are_told():
    summary = {**TRAINED, "outcome": "rejected", "version": None, "gates": GATES, "sentence": "Rejected by accuracy."}
    _, one = of_training(summary, run="http://ui/runs/1")
    assert (one.kind, one.about) == ("gates_rejected", "accuracy")
    assert one.why == "Rejected by accuracy. Accuracy 0.86 is under 0.90."
    assert one.look == ("report: card.html", "flow run: http://ui/runs/1")


def test_of_rejected_data_the_first_checks_that_failed_are_told():
    summary = {"model": "flights", "outcome": "invalid", "failed": [f"Check {number}." for number in range(7)],
               "sentence": "The data was rejected.", "report": "v.html", "quarantine": "q.csv"}
    for notices in (of_validation(summary), of_training({**summary, "outcome": "rejected"})):
        [one] = notices
        assert one.why == "Check 0. Check 1. Check 2. Check 3. Check 4. 2 more in the report."
        assert one.look == ("report: v.html", "quarantined rows: q.csv")


def test_an_unchanged_run_is_no_news():
    assert of_training({**TRAINED, "outcome": "unchanged"}) == ()


def retrained(training, **more):
    return {"model": "flights", "dry_run": False, "reasons": [], "version": training and training["version"],
            "sentence": "It is due: drift.", "report": "r.md", "training": training, **more}


def test_a_retraining_tells_once_of_itself_and_of_the_training_in_it():
    clear, one = of_retraining(retrained(TRAINED, outcome="retrained"))
    assert clear.kind == "data_valid" and (one.kind, one.why) == ("retrained", "It is due: drift.")
    assert one.what == "The model was trained again. Version 4 passed every gate and waits as challenger."
    assert [each.state for each in one.covers] == ["registered registered 4"]
    assert one.look == ("decision: r.md", "report: card.html", "its story: python -m headgate why flights --version 4")


def test_a_retraining_that_was_rejected_tells_why_it_was_trained_and_which_gates_failed():
    training = {**TRAINED, "outcome": "rejected", "version": None, "gates": GATES, "sentence": "Rejected by accuracy."}
    _, one = of_retraining(retrained(training, outcome="rejected", sentence="It is due. Rejected by accuracy."))
    assert (one.kind, one.why) == ("gates_rejected", "It is due. Rejected by accuracy. Accuracy 0.86 is under 0.90.")
    assert [each.kind for each in one.covers] == ["not_retrained"]


def test_a_retraining_whose_data_is_rejected_tells_what_is_wrong_with_the_data():
    training = {"model": "flights", "outcome": "rejected", "failed": ["No day."], "sentence": "The data was rejected.",
                "report": "v.html", "quarantine": "q.csv", "version": None}
    [one] = of_retraining(retrained(training, outcome="rejected"))
    assert (one.kind, one.why) == ("data_rejected", "It is due: drift. No day.")
    assert "quarantined rows: q.csv" in one.look


@pytest.mark.parametrize("outcome, training", [
    ("not_due", None), ("unchanged", {**TRAINED, "outcome": "unchanged", "version": None})])
def test_where_nothing_was_trained_it_is_told_why_not(outcome, training):
    [one] = of_retraining(retrained(training, outcome=outcome))
    assert (one.kind, one.covers, one.look) == ("not_retrained", (), ("report: r.md",))


def test_a_version_deployed_again_is_news_and_refused_again_is_not():
    step = {"step": "watch", "outcome": "done", "sentence": "Production is well."}
    summary = {"model": "flights", "outcome": "deployed", "version": "3", "steps": [step], "sentence": "It serves."}
    for outcome, states in (("deployed", 2), ("rolled_back", 2), ("not_approved", 1)):
        told = [of_deployment({**summary, "outcome": outcome, "deployment": one})[0].state for one in "aab"]
        assert len(set(told)) == states and told[0] == told[1]


def drifted(*moved, current="source", drift=True):
    weights = {"delay": 0.9, "distance": 0.09, "temperature": 0.002}
    columns = [{"column": name, "weight": weight, "drifted": name in moved} for name, weight in weights.items()]
    return {"model": "flights", "version": "3", "outcome": "drift" if drift else "no drift", "drift": drift,
            "notes": [], "sentence": "It moved.", "current": current, "columns": columns, "weights": "importance",
            "drifted_columns": [*moved], "report": "drift.md", "evidently": None}


def test_what_the_model_does_not_look_at_makes_no_second_notice_of_drift():
    winter, summer, worse = (of_drift(drifted(*moved))[0] for moved in (
        ("delay", "temperature"), ("delay",), ("delay", "distance")))
    assert winter.state == summer.state != worse.state and "distance" in worse.state
    [equal] = of_drift({**drifted("delay", "temperature"), "weights": "equal"})
    assert "temperature" in equal.state, "where nobody knows what columns are worth, all of them count"


def test_a_check_of_a_file_is_a_state_of_its_own():
    [usual], [of_file] = of_drift(drifted("delay")), of_drift(drifted(current="data", drift=False))
    assert (usual.topic, of_file.topic) == ("drift", "drift of a file")
    assert of_file.what.startswith("Rows of a file are")
