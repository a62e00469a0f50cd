"""The client for asyncio: the event loop goes on while calls wait."""

from __future__ import annotations

import asyncio

import pytest

import virustotal_hunting as vh
from virustotal_hunting import AsyncHunting, Hunting

from .conftest import Simulator


def test_the_event_loop_ticks_while_a_call_waits(simulator: Simulator) -> None:
    async def main() -> int:
        ticks = 0
        async with AsyncHunting(simulator.key, url=simulator.url, timeout=0.5, retries=0) as hunting:
            await hunting.get_crowdsourced_yara_rules()
            simulator.fault("stall")
            call = asyncio.ensure_future(hunting.get_livehunt_rulesets())
            while not call.done():
                # A pause that somebody else could use; not to wait for anything.
                await asyncio.sleep(0.005)
                ticks += 1
            with pytest.raises(vh.DeadlineError):
                await call
        return ticks

    # A call that kept the interpreter to itself would leave one or two.
    assert asyncio.run(main()) > 20


def test_calls_run_beside_each_other_up_to_the_bound(simulator: Simulator) -> None:
    async def main() -> list[float]:
        loop = asyncio.get_running_loop()
        times = []
        for most in (1, 6):
            async with AsyncHunting(simulator.key, url=simulator.url, max_concurrent_calls=most) as hunting:
                await hunting.get_crowdsourced_yara_rules()
                simulator.fault({"delay": 200}, times=6)
                start = loop.time()
                await asyncio.gather(*(hunting.get_crowdsourced_yara_rules() for _ in range(6)))
                times.append(loop.time() - start)
        return times

    one, six = asyncio.run(main())
    # Six delays one after the other, or all at the same time.
    assert one >= 1.2 and six < one / 2


def test_an_async_iterator_reads_what_the_other_reads(hunting: Hunting, simulator: Simulator) -> None:
    simulator.control("POST", "ioc_stream/add?count=50")
    query = vh.IocStreamQuery(descriptors_only=True)

    async def main() -> list[vh.IocStreamObject]:
        async with AsyncHunting(simulator.key, url=simulator.url) as client:
            return [entry async for entry in client.iter_ioc_stream_objects(query, batch=20)]

    assert asyncio.run(main()) == list(hunting.iter_ioc_stream_objects(query))


def test_an_async_iterator_raises_after_the_items_of_an_incomplete_page(simulator: Simulator) -> None:
    simulator.control("POST", "ioc_stream/add?count=50")
    simulator.fault({"status": {"code": 503}}, path="/api/v3/ioc_stream", query="cursor=")

    async def main() -> int:
        count = 0
        async with AsyncHunting(simulator.key, url=simulator.url, retries=0) as hunting:
            with pytest.raises(vh.UnavailableError) as caught:
                async for _ in hunting.iter_ioc_stream_objects(batch=50):
                    count += 1
            assert caught.value.cursor is not None
        return count

    assert asyncio.run(main()) == 40


def test_each_task_reads_its_own_last_response(simulator: Simulator) -> None:
    async def main() -> None:
        async with AsyncHunting(simulator.key, url=simulator.url) as hunting:

            async def good() -> int:
                await hunting.get_livehunt_rulesets()
                await asyncio.sleep(0)
                response = hunting.last_response()
                return 0 if response is None else response.status_code

            async def bad() -> int:
                with pytest.raises(vh.NotFoundError):
                    await hunting.get_livehunt_ruleset("missing")
                await asyncio.sleep(0)
                response = hunting.last_response()
                return 0 if response is None else response.status_code

            assert tuple(await asyncio.gather(good(), bad(), good(), bad())) == (200, 404, 200, 404)
            assert hunting.last_response() is None

    asyncio.run(main())


def test_a_cancelled_call_leaves_the_client_usable(simulator: Simulator) -> None:
    async def main() -> None:
        async with AsyncHunting(simulator.key, url=simulator.url, timeout=0.5) as hunting:
            simulator.fault("stall", times=1)
            call = asyncio.ensure_future(hunting.get_livehunt_rulesets())
            await asyncio.sleep(0)
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
            simulator.control("DELETE", "faults")
            assert await hunting.get_crowdsourced_yara_rules()

    asyncio.run(main())


def test_wrong_arguments_are_refused_without_a_thread(simulator: Simulator) -> None:
    async def main() -> None:
        async with AsyncHunting.from_environment(max_concurrent_calls=2) as hunting:
            with pytest.raises(TypeError, match="`id` takes a str, not int"):
                await hunting.get_retrohunt_job(7)  # type: ignore[arg-type]

    asyncio.run(main())
    with pytest.raises(ValueError, match="`max_concurrent_calls` takes 1 to 1000, and was given 0"):
        AsyncHunting("0123456789abcdef", max_concurrent_calls=0)
