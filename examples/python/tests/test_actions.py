"""Every action of the contract, once with success, against the simulator."""

from __future__ import annotations

import json
import re

import pytest

import virustotal_hunting as vh
from virustotal_hunting import Hunting
from virustotal_hunting import _contract

from .conftest import Simulator, rules


def test_a_ruleset_is_created_listed_changed_and_deleted(hunting: Hunting, name: str) -> None:
    made = hunting.create_livehunt_ruleset(
        vh.NewRuleset(
            name=name,
            rules=rules(name),
            enabled=False,
            limit=7,
            notification_emails=["hunter@hunting.example"],
            match_object_type=vh.MatchObjectType.FILE,
        )
    )
    assert (made.name, made.enabled, made.limit, made.rule_names) == (name, False, 7, (name,))
    assert made.notification_emails == ("hunter@hunting.example",)
    assert json.loads(made.json)["attributes"]["name"] == name

    page = hunting.get_livehunt_rulesets(vh.RulesetsQuery(filter=f"name:{name}", limit=5))
    assert page.items == (made,) and page.page.cursor is None
    assert hunting.get_livehunt_ruleset(made.id) == made

    changes = vh.RulesetChanges(enabled=True, limit=0, notification_emails=())
    changed = hunting.update_livehunt_ruleset(made.id, changes)
    assert (changed.enabled, changed.limit, changed.notification_emails, changed.name) == (True, 0, (), name)

    hunting.delete_livehunt_ruleset(made.id)
    with pytest.raises(vh.NotFoundError):
        hunting.get_livehunt_ruleset(made.id)


def test_a_create_whose_answer_got_lost_is_found_again(hunting: Hunting, simulator: Simulator, name: str) -> None:
    before = simulator.now
    new = vh.NewRuleset(name=name, rules=rules(name))
    assert hunting.reconcile_livehunt_ruleset(new, before) == ()
    simulator.fault("reset_after", method="POST", times=1)
    with pytest.raises(vh.HuntingError) as caught:
        hunting.create_livehunt_ruleset(new)
    assert not caught.value.retryable and caught.value.status is None
    (found,) = hunting.reconcile_livehunt_ruleset(new, before)
    assert found.name == name


def test_editors_are_added_checked_and_removed_and_a_ruleset_is_given_away(
    hunting: Hunting, simulator: Simulator, ruleset: vh.Ruleset
) -> None:
    user = vh.RulesetEditor(editor_type=vh.EditorType.USER, id=simulator.user)
    group = vh.RulesetEditor(editor_type=vh.EditorType.GROUP, id="simulated-lab")
    hunting.add_livehunt_ruleset_editors(ruleset.id, [user, group])
    assert hunting.check_livehunt_ruleset_editor(ruleset.id, group.id) is True
    editors = hunting.get_livehunt_ruleset_editors(ruleset.id, vh.RulesetEditorsQuery(limit=2))
    assert [(one.object_type, one.id) for one in editors.items] == [("user", simulator.user), ("group", group.id)]
    assert hunting.get_livehunt_ruleset_owner(ruleset.id).id == simulator.user
    both = (vh.RulesetRelationship.OWNER, vh.RulesetRelationship.EDITORS)
    listed = hunting.get_livehunt_rulesets(vh.RulesetsQuery(limit=40, relationships=both)).items
    (listed_one,) = [one for one in listed if one.id == ruleset.id]
    assert listed_one.owner == vh.Descriptor(object_type="user", id=simulator.user)
    assert listed_one.editors is not None and len(listed_one.editors) == 2
    with pytest.raises(vh.ConflictError):
        hunting.add_livehunt_ruleset_editors(ruleset.id, (group,))
    hunting.remove_livehunt_ruleset_editor(ruleset.id, group.id)
    assert hunting.check_livehunt_ruleset_editor(ruleset.id, group.id) is False
    hunting.transfer_livehunt_ruleset(ruleset.id, simulator.user)
    with pytest.raises(vh.NotFoundError):
        hunting.transfer_livehunt_ruleset(ruleset.id, "nobody")


def test_notifications_and_their_files_come_with_what_matched(
    hunting: Hunting, simulator: Simulator, ruleset: vh.Ruleset
) -> None:
    simulator.control("POST", "feed/advance?samples=60")
    found = list(hunting.iter_livehunt_notifications(vh.NotificationsQuery(filter=f"tag:{ruleset.name}")))
    assert found and all(one.rule_name == ruleset.name and one.file_sha256 in one.tags for one in found)
    assert hunting.get_livehunt_notification(found[0].id) == found[0]

    files = list(hunting.iter_livehunt_notification_files(vh.NotificationFilesQuery(filter=ruleset.name)))
    assert {one.notification_id for one in files} == {one.id for one in found}
    of_ruleset = hunting.iter_livehunt_ruleset_notification_files(
        ruleset.id, vh.RulesetNotificationFilesQuery(descriptors_only=True)
    )
    assert {one.id for one in of_ruleset} == {one.file_sha256 for one in found}

    snippet = hunting.parse_snippet(found[0].snippet or "")
    marked = [snippet.bytes[one.start : one.end] for one in snippet.highlights]
    assert b"SIMULATED-LOADER" in marked

    hunting.delete_livehunt_notification(found[0].id)
    with pytest.raises(vh.NotFoundError):
        hunting.get_livehunt_notification(found[0].id)
    hunting.delete_livehunt_notifications(f"tag:{ruleset.name}")
    assert not hunting.get_livehunt_notifications(vh.NotificationsQuery(filter=f"tag:{ruleset.name}")).items


def test_deleting_many_takes_a_word(hunting: Hunting, simulator: Simulator) -> None:
    for delete in (
        hunting.delete_livehunt_notifications,
        hunting.delete_ioc_stream_objects,
        hunting.delete_all_livehunt_rulesets,
    ):
        with pytest.raises(vh.InvalidArgumentError) as caught:
            delete("")
        assert caught.value.code == "ConfirmationMissing"
    assert simulator.requests() == []


def test_all_rulesets_are_deleted_by_an_operation(
    hunting: Hunting, simulator: Simulator, ruleset: vh.Ruleset
) -> None:
    operation = hunting.delete_all_livehunt_rulesets(simulator.user)
    assert hunting.get_operation(operation.id).id == operation.id
    simulator.advance(3600)
    assert hunting.get_operation(operation.id).status == "finished"
    assert not hunting.get_livehunt_rulesets().items


def test_a_retrohunt_job_runs_and_its_matches_are_read_to_the_end(
    hunting: Hunting, simulator: Simulator, name: str
) -> None:
    before = simulator.now
    new = vh.NewRetrohuntJob(rules=rules(name), corpus=vh.Corpus.MAIN, time_range=vh.TimeRange(start=1))
    made = hunting.create_retrohunt_job(new)
    assert made.status == "starting" and made.time_range == vh.TimeRange(start=1, end=None)
    assert [job.id for job in hunting.reconcile_retrohunt_job(new, before)] == [made.id]
    check = hunting.check_retrohunt_job(made.id)
    assert not check.done and 5 <= check.next_check_in_seconds <= 300
    simulator.advance(3600)
    check = hunting.check_retrohunt_job(made.id)
    assert check.done and check.next_check_in_seconds == 0 and check.job.progress == 100.0

    assert hunting.get_retrohunt_job(made.id).status == "finished"
    assert made.id in [job.id for job in hunting.iter_retrohunt_jobs(vh.RetrohuntJobsQuery(filter="status:finished"))]
    matches = list(hunting.iter_retrohunt_job_matches(made.id))
    assert len(matches) == check.job.num_matches and len(matches) > 40
    assert {match.rule_name for match in matches} == {name}
    page = hunting.get_retrohunt_job_matches(made.id, vh.MatchesQuery(limit=3))
    assert page.items == tuple(matches[:3]) and page.page.cursor is not None

    hunting.delete_retrohunt_job(made.id)
    with pytest.raises(vh.NotFoundError):
        hunting.get_retrohunt_job(made.id)


def test_a_retrohunt_job_is_aborted(hunting: Hunting, simulator: Simulator, name: str) -> None:
    job = hunting.create_retrohunt_job(vh.NewRetrohuntJob(rules=rules(name)))
    hunting.abort_retrohunt_job(job.id)
    simulator.advance(60)
    assert hunting.get_retrohunt_job(job.id).status == "aborted"
    hunting.delete_retrohunt_job(job.id)


def test_the_stream_is_read_and_its_notifications_deleted(hunting: Hunting, simulator: Simulator) -> None:
    simulator.control("POST", "ioc_stream/add?count=5")
    items = hunting.get_ioc_stream_objects(vh.IocStreamQuery(limit=5, descriptors_only=True)).items
    assert len(items) == 5
    notification_id = items[0].notification_id
    assert notification_id is not None
    notification = hunting.get_ioc_stream_notification(notification_id)
    assert (notification.entity_id, notification.origin) == (items[0].id, items[0].origin)
    hunting.delete_ioc_stream_notification(notification_id)
    with pytest.raises(vh.NotFoundError):
        hunting.get_ioc_stream_notification(notification_id)
    hunting.delete_ioc_stream_objects("everything")
    simulator.advance(3600)
    assert not hunting.get_ioc_stream_objects().items


def test_the_account_tells_its_privileges_quotas_and_usage(hunting: Hunting, simulator: Simulator) -> None:
    account = hunting.get_account(simulator.user)
    assert account.id == simulator.user and "retrohunt" in account.privileges
    quotas = {quota.name: quota for quota in hunting.get_account_quotas(simulator.user).quotas}
    assert quotas["intelligence_retrohunt_jobs_monthly"].remaining is not None
    usage = hunting.get_account_usage(simulator.user, vh.UsageQuery())
    assert usage.total and all(one.requests >= 0 for one in usage.total)


def test_crowdsourced_rules_are_listed_and_got(hunting: Hunting) -> None:
    listed = list(hunting.iter_crowdsourced_yara_rules(batch=3))
    assert listed == list(hunting.get_crowdsourced_yara_rules(vh.CrowdsourcedYaraRulesQuery(limit=400)).items)
    assert hunting.get_crowdsourced_yara_rule(listed[0].id).name == listed[0].name


def test_the_last_response_is_the_one_of_the_call_before(hunting: Hunting) -> None:
    assert hunting.last_response() is None
    hunting.get_livehunt_rulesets()
    good = hunting.last_response()
    assert good is not None and (good.status_code, good.reason, good.attempts) == (200, "OK", 1)
    assert any(name.lower() == "content-type" for name, _ in good.headers)
    with pytest.raises(vh.NotFoundError) as caught:
        hunting.get_livehunt_ruleset("0000000000000000")
    bad = hunting.last_response()
    assert bad is not None and bad.status_code == 404 and caught.value.response == bad


def test_both_clients_have_a_method_for_each_of_the_41_functions() -> None:
    names = {function.name.replace("-", "_") for function in _contract.FUNCTIONS}
    assert len(names) == len(_contract.FUNCTIONS) == 41
    for client in (vh.Hunting, vh.AsyncHunting):
        methods = {name for name in dir(client) if not name.startswith("_")}
        assert names <= methods
        documented = [getattr(client, name).__doc__ for name in names]
        assert all(documented)


def test_every_function_is_called_by_a_test_of_this_file() -> None:
    with open(__file__, encoding="utf-8") as file:
        source = file.read()
    called = set(re.findall(r"hunting\.(\w+)", source))
    called |= {name.replace("iter_", "get_", 1) for name in called}
    assert {function.name.replace("-", "_") for function in _contract.FUNCTIONS} <= called | {
        # test_following.py
        "poll_livehunt_notifications",
        "poll_ioc_stream",
    }
