"""What is meant by a version, what is refused, and who may move the champion during a deployment."""

from datetime import datetime, timedelta, timezone

import pytest

from headgate import ledger
from headgate.errors import AliasMoved, DeploymentOpen, VersionNotFound
from headgate.registry import aliases, read
from headgate.rollout import choose, promote, question, record, resume, take
from headgate.rollout.ask import ask


def asked(version="challenger", **more):
    return ask("kettle", version, environment={}, **more)


def roles(workspace):
    return {alias: one.version for one in read.list_versions(workspace, "kettle") for alias in one.aliases}


@pytest.fixture
def workspace(stocked):
    """A registry with a champion, version 1, a challenger, version 2, and version 3, which was held by its gates."""
    return stocked


def test_a_version_is_named_by_number_alias_or_digest(workspace):
    second = read.find_version(workspace, "kettle", "2")
    for name in ("2", "challenger", second.digest, second.digest[:6], 2):
        assert choose.find(workspace, "kettle", name).version == "2"
    assert choose.find(workspace, "kettle", "champion").version == "1"
    for name in (second.digest[:5], "0" * 64, "9", "canary", second.digest.upper()):
        with pytest.raises(VersionNotFound):
            choose.find(workspace, "kettle", name)


def test_a_digest_that_more_than_one_begins_with():
    from headgate.registry.values import RegisteredVersion
    found = [RegisteredVersion("kettle", name, f"abcdef{name}" + "0" * 57) for name in "12"]
    with pytest.raises(VersionNotFound, match="more than one version"):
        choose._by_digest("kettle", found, "abcdef")
    assert choose._by_digest("kettle", found, "abcdef2") == [found[1]]


def test_without_a_challenger_there_is_nothing_newer_than_the_champion(workspace):
    aliases.promote(workspace, "kettle", "2")
    found = take.take(workspace, asked())
    assert (found.state, found.chosen.version, found.deployment) == (take.SERVING, "2", None)
    with pytest.raises(VersionNotFound):
        take.take(workspace, ask("urn", "challenger", environment={}))


def test_gates_refuse_and_a_reason_overrides(workspace):
    found = take.take(workspace, asked("3"))
    assert (found.state, found.deployment) == (take.REFUSED, None) and "--override REASON" in found.sentence
    assert ledger.entries(workspace, "kettle")[-1].event == "deployment refused"
    found = take.take(workspace, asked("3", override="a wager"))
    assert found.state == take.FRESH and found.deployment.override == "a wager"
    assert promote.promote(workspace, found.deployment).version == "3"
    entry = ledger.entries(workspace, "kettle", version="3")[-1]
    assert entry.event == "promoted" and entry.to_dict()["body"]["override"] == "a wager"


def test_an_override_that_is_not_needed_is_not_noted(workspace):
    assert take.take(workspace, asked("2", override="just in case")).deployment.override == ""


def test_the_same_deployment_goes_on_whatever_began_meanwhile(workspace):
    first = take.take(workspace, asked()).deployment
    record.note(workspace, first, record.APPROVED, sentence="Approved.")
    again = take.take(workspace, asked()).deployment
    assert again.identity == first.identity and record.approval_of(again)["sentence"] == "Approved."
    assert take.take(workspace, asked("3", override="a wager")).deployment.identity != first.identity
    assert record.approval_of(take.take(workspace, asked()).deployment), "over the same champion an approval counts on"
    record.note(workspace, first, record.ENDED, outcome="not_approved", sentence="")
    assert take.take(workspace, asked()).deployment.identity != first.identity


def staged_only(workspace, version="challenger", outcome="staged"):
    deployment = take.take(workspace, asked(version, stage_only=True)).deployment
    record.note(workspace, deployment, record.STAGED, sentence="It serves.")
    record.note(workspace, deployment, record.ENDED, outcome=outcome, sentence="")
    return deployment


def test_what_was_approved_is_what_was_proved_on_staging_or_nothing_is_taken(workspace):
    assert take.take(workspace, asked(staged=True)).state == take.REFUSED, "nothing was staged"
    first = staged_only(workspace)
    found = take.take(workspace, asked(staged=True))
    assert found.state == take.FRESH and found.deployment.identity != first.identity
    staged_only(workspace, outcome="failed_staging")
    assert take.take(workspace, asked(staged=True)).state == take.REFUSED, "staging said no"
    staged_only(workspace)
    other = take.take(workspace, asked("3", override="a wager", staged=True))
    assert other.state == take.REFUSED and "No earlier run proved version 3 on staging" in other.sentence
    aliases.promote(workspace, "kettle", "3", override="by hand")
    assert take.take(workspace, asked("2", staged=True)).state == take.REFUSED, "it was approved over another champion"


def test_what_was_proved_stays_so_while_another_is_asked_about(workspace):
    take.take(workspace, asked())
    first = staged_only(workspace)
    waits = take.take(workspace, asked()).deployment
    assert waits.identity != first.identity
    question.ask_for(workspace, waits)
    question.ask_for(workspace, take.take(workspace, asked("3", override="a wager")).deployment)
    record.note(workspace, waits, record.ENDED, outcome="not_approved", sentence="Version 3 is asked about now.")
    assert take.take(workspace, asked(staged=True)).state == take.FRESH


def test_a_deployment_that_was_cut_off_is_found_although_another_began_since(workspace):
    waits = question.ask_for(workspace, take.take(workspace, asked()).deployment)
    take.take(workspace, asked("2", stage_only=True))
    promote.promote(workspace, record.note(workspace, waits, record.PROMOTES, baseline={}))
    assert resume.unfinished(workspace, "kettle").identity == waits.identity
    assert take.take(workspace, asked()).state == take.PROMOTED


def test_why_nobody_needs_to_answer_any_more(workspace):
    def why():
        found = question.why_moot(workspace, asking)
        return found and found.kind
    asking = question.ask_for(workspace, take.take(workspace, asked()).deployment)
    assert why() is None
    take.take(workspace, asked("2", stage_only=True))
    assert why() is None, "to stage is not to ask"
    newer = question.ask_for(workspace, take.take(workspace, asked("3", override="a wager")).deployment)
    assert why() == question.NEWER and question.why_moot(workspace, newer) is None
    record.note(workspace, asking, record.STAGED, sentence="It serves.")
    assert why() == question.ELSEWHERE
    aliases.promote(workspace, "kettle", "3", override="by hand")
    assert why() == question.MOVED and question.why_moot(workspace, newer).kind == question.SERVES
    aliases.promote(workspace, "kettle", "2")
    assert why() == question.SERVES


def test_a_version_that_another_run_took_back_meanwhile_is_asked_about_anew(workspace):
    asking = question.ask_for(workspace, take.take(workspace, asked()).deployment)
    other = take.take(workspace, asked("2", stage_only=True)).deployment
    promote.promote(workspace, record.note(workspace, other, record.PROMOTES, baseline={}))
    promote.put_back(workspace, record.note(workspace, other, record.UNDOES, reason="errors rose"), "errors rose")
    found = question.why_moot(workspace, asking)
    assert (found.kind, found.final) == (question.UNDONE, True) and "taken back" in found.sentence
    assert question.why_moot(workspace, question.ask_for(workspace, asking)) is None, "asked again, it was known"


@pytest.mark.parametrize("approved", [True, False])
def test_a_champion_moved_and_back_ends_what_was_asked_and_approved_before(workspace, approved):
    asking = question.ask_for(workspace, take.take(workspace, asked()).deployment)
    if approved:
        asking = record.note(workspace, asking, record.APPROVED, sentence="Approved.")
    aliases.move_aliases(workspace, "kettle", {"canary": "3"})
    assert question.why_moot(workspace, asking) is None, "a canary is no champion"
    aliases.promote(workspace, "kettle", "2", actor="ada@home")
    aliases.rollback(workspace, "kettle", actor="ada@home")
    found = question.why_moot(workspace, asking)
    assert (found.kind, found.final) == (question.MOVED, True) and "moved, and back" in found.sentence
    again = take.take(workspace, asked("2"))
    assert again.state == take.FRESH and again.deployment.identity != asking.identity
    assert record.approval_of(again.deployment) is None
    [ended] = [one for one in ledger.entries(workspace, "kettle") if one.event == "deployment ended"]
    assert "moved, and back" in ended.body


def test_a_question_ends_with_its_run_that_was_cancelled(workspace):
    asking = question.ask_for(workspace, take.take(workspace, asked()).deployment, run="a")
    question.end_cancelled(workspace, "kettle", "b")
    assert not record.last_deployment(workspace, "kettle").ended
    question.end_cancelled(workspace, "kettle", "a"), question.end_cancelled(workspace, "kettle", "a")
    [ended] = [one for one in ledger.entries(workspace, "kettle") if one.event == "deployment ended"]
    assert "cancelled" in ended.body
    other = question.ask_for(workspace, take.take(workspace, asked()).deployment, run="c")
    assert other.identity != asking.identity
    promote.promote(workspace, record.note(workspace, other, record.PROMOTES, baseline={}))
    question.end_cancelled(workspace, "kettle", "c")
    assert resume.unfinished(workspace, "kettle").identity == other.identity, "what was promoted is to be finished"


def test_a_yes_promotes_nothing_while_another_deployment_is_open(workspace):
    asking = question.ask_for(workspace, take.take(workspace, asked()).deployment)
    resume.check_none_open(workspace, asking)
    undone = record.note(workspace, promoted(workspace, "3", override="a wager"), record.UNDOES, reason="errors rose")
    promote.put_back(workspace, undone, "errors rose")
    assert question.why_moot(workspace, asking).kind == question.MOVED, "although the champion is the one that it was"
    with pytest.raises(DeploymentOpen, match="version 3"):
        resume.check_none_open(workspace, asking)


def test_a_deployment_that_was_cut_off_is_not_gone_on_with_by_one_that_stages_only(workspace):
    promoted(workspace)
    with pytest.raises(DeploymentOpen, match="cut off after its promotion"):
        take.take(workspace, asked(stage_only=True))
    assert take.take(workspace, asked(staged=True)).state == take.PROMOTED


def test_an_approval_counts_for_a_day_and_for_the_same_champion(workspace):
    first = record.note(workspace, take.take(workspace, asked()).deployment, record.APPROVED)
    later = datetime.now(timezone.utc) + timedelta(hours=record.APPROVAL_HOURS)
    assert record.approval_of(first) and record.approval_of(first, now=later - timedelta(seconds=30))
    assert record.approval_of(first, now=later + timedelta(seconds=1)) is None
    aliases.promote(workspace, "kettle", "3", override="by hand")
    again = take.take(workspace, asked("2")).deployment
    assert again.before == "3" and record.approval_of(again) is None


def test_a_champion_moved_by_hand_is_not_overrun(workspace):
    deployment = take.take(workspace, asked()).deployment
    aliases.promote(workspace, "kettle", "3", override="by hand")
    with pytest.raises(AliasMoved, match="Seen: version 3. Allowed: version 1"):
        promote.promote(workspace, deployment)
    assert roles(workspace)["champion"] == "3"


def test_one_moved_by_hand_after_the_promotion_is_not_rolled_back(workspace):
    deployment = promoted(workspace)
    promote.check_unmoved(workspace, deployment)
    aliases.promote(workspace, "kettle", "3", override="by hand")
    for check in (promote.check_unmoved, lambda *two: promote.put_back(*two, "errors rose")):
        with pytest.raises(AliasMoved):
            check(workspace, deployment)
    assert roles(workspace) == {"champion": "3", "previous": "2"}


def promoted(workspace, version="challenger", **more):
    """Take a version and promote it; return the Deployment."""
    deployment = record.note(workspace, take.take(workspace, asked(version, **more)).deployment, record.PROMOTES,
                             baseline={})
    promote.promote(workspace, deployment)
    return deployment


def test_putting_back(workspace):
    deployment = promoted(workspace)
    assert promote.put_back(workspace, deployment, "errors rose").version == "1"
    assert roles(workspace) == {"champion": "1"}
    entry = ledger.entries(workspace, "kettle")[-1]
    assert entry.event == "rolled back" and "errors rose" in entry.body
    assert promote.put_back(workspace, deployment, "errors rose").version == "1", "once more changes nothing"
    assert ledger.entries(workspace, "kettle")[-1] == entry


def test_putting_back_although_previous_was_moved_by_hand(workspace):
    deployment = promoted(workspace)
    aliases.move_aliases(workspace, "kettle", {"previous": "3"})
    assert promote.put_back(workspace, deployment, "errors rose").version == "1"
    assert roles(workspace) == {"champion": "1", "previous": "3"}


def test_putting_back_where_nobody_served_before(workspace):
    aliases.move_aliases(workspace, "kettle", {"champion": None})
    deployment = promoted(workspace)
    assert deployment.before == "" and roles(workspace) == {"champion": "2"}
    assert promote.put_back(workspace, deployment, "errors rose") is None and roles(workspace) == {}
    assert promote.put_back(workspace, deployment, "errors rose") is None


def test_what_was_cut_off_after_the_promotion_is_gone_on_with(workspace):
    deployment = promoted(workspace)
    for version in ("challenger", "2", deployment.digest[:8], "champion"):
        found = take.take(workspace, asked(version))
        assert (found.state, found.deployment.identity) == (take.PROMOTED, deployment.identity)
    for version in ("3", "1", "previous"):
        with pytest.raises(DeploymentOpen, match="cut off after its promotion"):
            take.take(workspace, asked(version))
    record.note(workspace, deployment, record.UNDOES, reason="errors rose")
    assert take.take(workspace, asked("2")).state == take.UNDOING
    promote.put_back(workspace, deployment, "errors rose")
    assert take.take(workspace, asked("2")).state == take.UNDOING, "nobody has verified it yet"
    record.note(workspace, deployment, record.ENDED, outcome="rolled_back")
    assert take.take(workspace, asked("2")).state == take.FRESH


def test_what_was_cut_off_just_before_is_no_promotion(workspace):
    first = record.note(workspace, take.take(workspace, asked()).deployment, record.APPROVED)
    record.note(workspace, first, record.PROMOTES, baseline={})
    assert resume.unfinished(workspace, "kettle") is None
    again = take.take(workspace, asked())
    assert again.state == take.FRESH and again.deployment.identity == first.identity


@pytest.mark.parametrize("by_hand", ["rollback", "promote"])
def test_what_somebody_else_ended_by_hand_has_ended(workspace, by_hand):
    first = promoted(workspace)
    if by_hand == "rollback":
        aliases.rollback(workspace, "kettle", actor="ada@home")
    else:
        aliases.promote(workspace, "kettle", "3", override="by hand", actor="ada@home")
    assert resume.unfinished(workspace, "kettle") is None
    last = record.last_deployment(workspace, "kettle")
    assert last.identity == first.identity and last.steps["ended"]["outcome"] == "overtaken"
    assert "ada@home" in last.steps["ended"]["sentence"]
    assert take.take(workspace, asked("2")).deployment.identity != first.identity
