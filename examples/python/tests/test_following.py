"""Following gives what is new since a checkpoint, each once."""

from __future__ import annotations

import virustotal_hunting as vh
from virustotal_hunting import Hunting

from .conftest import Simulator


def test_the_stream_is_followed_step_by_step(hunting: Hunting, simulator: Simulator) -> None:
    query = vh.IocStreamPoll(descriptors_only=True)
    first = hunting.poll_ioc_stream(None, query)
    assert first.items == () and first.incomplete is None
    simulator.advance(60)
    ids = simulator.control("POST", "ioc_stream/add?count=7")["ids"]
    budget = vh.PollBudget(items=5)
    second = hunting.poll_ioc_stream(first.checkpoint, query, budget)
    third = hunting.poll_ioc_stream(second.checkpoint, query, budget)
    assert (second.more, third.more) == (True, False)
    got = [item.notification_id for item in (*second.items, *third.items)]
    assert len(second.items) == 5 and sorted(map(str, got)) == sorted(map(str, ids))


def test_notifications_are_followed_from_a_moment(hunting: Hunting, simulator: Simulator) -> None:
    simulator.advance(60)
    since = simulator.now
    ids = simulator.control("POST", "hunting_notifications/add?count=3")["ids"]
    batch = hunting.poll_livehunt_notifications(None, vh.NotificationsPoll(since=since))
    assert sorted(item.id for item in batch.items) == sorted(ids)
    again = hunting.poll_livehunt_notifications(batch.checkpoint, vh.NotificationsPoll())
    assert again.items == () and not again.more


def test_what_was_deleted_before_it_was_read_is_a_gap(hunting: Hunting, simulator: Simulator) -> None:
    simulator.advance(60)
    first = hunting.poll_ioc_stream(None, vh.IocStreamPoll(since=simulator.now))
    left = simulator.now
    simulator.advance(7 * 86_400 + 60)
    second = hunting.poll_ioc_stream(first.checkpoint)
    assert (first.gap, second.gap) == (None, vh.StreamGap(since=left, until=left + 60))
    assert hunting.poll_ioc_stream(second.checkpoint).gap is None


def test_a_checkpoint_of_another_query_is_refused(hunting: Hunting) -> None:
    first = hunting.poll_ioc_stream()
    try:
        hunting.poll_ioc_stream(first.checkpoint, vh.IocStreamPoll(filter="origin:hunting"))
    except vh.InvalidArgumentError as error:
        assert error.status is None
    else:
        raise AssertionError("a checkpoint of another filter was taken")
