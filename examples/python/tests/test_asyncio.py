"""The client for asyncio: the event loop goes on while calls wait."""

from __future__ import annotations

import asyncio

import pytest

import virustotal_hunting as vh
from virustotal_hunting import AsyncHunting, Hunting

from .conftest import Simulator


class Service:
    """A service in the very event loop that the calls are made from: a call that kept the loop to itself would never be
    answered. It answers once so many requests wait for it."""

    def __init__(self, together: int) -> None:
        self._together = together
        self._waiting = 0
        self._enough = asyncio.Event()
        self.most = 0
        self.url = ""

    async def __aenter__(self) -> Service:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self._waiting += 1
        self.most = max(self.most, self._waiting)
        if self._waiting == self._together:
            self._enough.set()
        await self._enough.wait()
        # Whoever else is let in too early has the time to come.
        await asyncio.sleep(0.05)
        self._waiting -= 1
        body = b'{"data":[]}'
        writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        writer.close()


def test_the_event_loop_goes_on_while_a_call_waits() -> None:
    async def main() -> int:
        async with Service(1) as service, AsyncHunting("0123456789abcdef", url=service.url, retries=0) as hunting:
            return len((await hunting.get_livehunt_rulesets()).items)

    assert asyncio.run(main()) == 0


@pytest.mark.parametrize("most", [1, 6])
def test_calls_run_at_the_same_time_up_to_the_bound(most: int) -> None:
    async def main() -> int:
        async with Service(most) as service:
            async with AsyncHunting("0123456789abcdef", url=service.url, max_concurrent_calls=most, retries=0) as hunting:
                await asyncio.gather(*(hunting.get_livehunt_rulesets() for _ in range(6)))
            return service.most

    assert asyncio.run(main()) == most


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
        async with AsyncHunting(simulator.key, url=simulator.url, timeout=10) as hunting:
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
