"""One client in many threads, and in a process that was forked."""

from __future__ import annotations

import multiprocessing
import sys
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection

import pytest

import virustotal_hunting as vh
from virustotal_hunting import Hunting

from .conftest import Simulator, rules


def test_threads_share_a_client_and_each_reads_its_own_answer(hunting: Hunting, name: str) -> None:
    # Every value is of another kind and length, so that a mixed-up one shows.
    def work(number: int) -> None:
        own = f"{name}{number}"
        new = vh.NewRuleset(
            name=own,
            rules=rules(own),
            enabled=number % 2 == 0,
            limit=None if number % 3 == 0 else number,
            notification_emails=[f"{own}@b.example"] * (number % 4),
            match_object_type=vh.MatchObjectType.FILE if number % 5 else None,
        )
        made = hunting.create_livehunt_ruleset(new)
        assert (made.name, made.rules, made.enabled) == (own, rules(own), number % 2 == 0)
        assert len(made.notification_emails) == number % 4
        answer = hunting.last_response()
        assert answer is not None and answer.status_code == 200
        with pytest.raises(vh.NotFoundError):
            hunting.get_livehunt_ruleset(f"missing-{number}")
        answer = hunting.last_response()
        assert answer is not None and answer.status_code == 404
        hunting.delete_livehunt_ruleset(made.id)

    interval = sys.getswitchinterval()
    # Threads change as often as Python lets them.
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(work, range(64))) == [None] * 64
    finally:
        sys.setswitchinterval(interval)


def test_a_client_with_a_rate_serves_threads_in_turn(simulator: Simulator) -> None:
    with Hunting(simulator.key, url=simulator.url, requests_per_minute=100_000) as hunting:
        with ThreadPoolExecutor(8) as pool:
            pages = list(pool.map(lambda _: hunting.get_crowdsourced_yara_rules(), range(32)))
    assert len(pages) == 32 and len(set(pages)) == 1


def _call(url: str, key: str, answer: Connection) -> None:
    try:
        Hunting(key, url=url, timeout=120).get_crowdsourced_yara_rules()
        answer.send("called")
    except Exception as error:
        answer.send(f"{type(error).__name__}: {error}")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_fork_after_the_first_call_is_refused_and_a_spawned_process_is_not(
    hunting: Hunting, simulator: Simulator
) -> None:
    hunting.get_crowdsourced_yara_rules()
    for method, expected in (("fork", "ComponentError: this process was forked"), ("spawn", "called")):
        context = multiprocessing.get_context(method)
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=_call, args=(simulator.url, simulator.key, sender))  # type: ignore[attr-defined]
        process.start()
        assert receiver.poll(600), f"a process started by {method} did not answer"
        assert receiver.recv().startswith(expected)
        process.join(600)
        assert process.exitcode == 0


def test_memory_does_not_grow_with_the_number_of_calls(hunting: Hunting) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux says what a process uses in /proc")

    def kilobytes() -> int:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * 4

    query = vh.CrowdsourcedYaraRulesQuery(limit=40)
    for _ in range(50):
        hunting.get_crowdsourced_yara_rules(query)
    before = kilobytes()
    for _ in range(300):
        hunting.get_crowdsourced_yara_rules(query)
    # A leak of one optional value a record would be ten times as much.
    assert kilobytes() - before < 2048
