"""The two clients: `Hunting`, whose calls block, and `AsyncHunting`, for asyncio."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Literal

from . import _settings
from ._component import Caller, Outcome
from ._contract import Actions, AsyncActions, ResponseInfo
from ._settings import Secret, Settings
from ._values import Function

# Whose call was the last one of this thread or task, and the answer it got. A context variable is a thread's own, and a
# task's own, so that nobody reads what another call got.
_last: ContextVar[tuple[object, ResponseInfo | None] | None] = ContextVar("virustotal_hunting_last", default=None)

_MAX_MEMORY_BYTES = 320 * 1024 * 1024


class _Client:
    """What both have: the settings, and the last answer."""

    def __init__(self, settings: Settings, max_memory_bytes: int) -> None:
        self._caller = Caller(settings, max_memory_bytes)

    def _settled(self, outcome: Outcome) -> object:
        _last.set((self._caller, outcome.response))
        if outcome.error is not None:
            raise outcome.error
        return outcome.value

    def _diagnosis(self, name: str) -> Any:
        assert name == "last-response", f"the interface of diagnostics has got a function `{name}`"
        last = _last.get()
        return last[1] if last is not None and last[0] is self._caller else None

    def __repr__(self) -> str:
        # A debugger shows a client as well whose constructor has just failed.
        caller = getattr(self, "_caller", None)
        return f"{type(self).__name__}({caller.settings!r})" if caller else f"{type(self).__name__}()"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError(f"{type(self).__name__} holds an API key and is not pickled; make one where it is needed")


class Hunting(_Client, Actions):
    """VirusTotal's hunting, with one API key. Calls block.

    Any number of threads may use one `Hunting` at the same time. It keeps no connection and no session, so making one costs
    nothing but the first call of a process, which compiles the component (about 0.1 s).

    `url` is where the API is, VirusTotal's by default; plain `http://` goes to this machine alone, unless `allow_http`.
    `timeout` is the deadline of a whole call, in seconds (0.001 to 3600, 60 by default). `max_response_bytes` is the most
    that the answers of a call may be together (64 MiB by default), `max_memory_bytes` what an instance may grow to.
    `access="read-only"` refuses whatever changes anything. `retries` is how often a call repeats what may be repeated (0 to
    10, 2 by default). `requests_per_minute` holds this client to a rate (`"public"` is a public key's); its calls then take
    turns.

    `verify_ssl` and `http_proxy` are here to be refused: wasmtime for Python always checks certificates, against a built-in
    list of public authorities, and knows no proxy. `ConfigurationError` says so before anything is sent.

    A wrong type of argument is a `TypeError`, a number out of its type's range a `ValueError`, and neither sends anything.
    What the component finds wrong, or VirusTotal, is a `HuntingError`.
    """

    def __init__(
        self,
        api_key: str,
        *,
        url: str | None = None,
        timeout: float | None = None,
        max_response_bytes: int | None = None,
        access: Literal["full", "read-only"] | None = None,
        retries: int | None = None,
        requests_per_minute: int | Literal["public"] | None = None,
        allow_http: bool | None = None,
        verify_ssl: bool = True,
        http_proxy: str | None = None,
        max_memory_bytes: int = _MAX_MEMORY_BYTES,
    ) -> None:
        # Gone from this frame before anything can fail: a debugger that shows a traceback's variables shows no key.
        key = Secret(api_key)
        del api_key
        settings = _settings.from_arguments(
            key,
            url=url,
            timeout=timeout,
            max_response_bytes=max_response_bytes,
            access=access,
            retries=retries,
            requests_per_minute=requests_per_minute,
            allow_http=allow_http,
            verify_ssl=verify_ssl,
            http_proxy=http_proxy,
        )
        super().__init__(settings, max_memory_bytes)

    @classmethod
    def from_environment(cls) -> Hunting:
        """A client with the settings of the environment: `VT_APIKEY`, `VT_URL`, `VT_TIMEOUT` and the others."""
        client = cls.__new__(cls)
        _Client.__init__(client, _settings.from_environment(), _MAX_MEMORY_BYTES)
        return client

    def close(self) -> None:
        """Ends the client. Later calls are a `RuntimeError`; one that is running comes to its end."""
        self._caller.close()

    def __enter__(self) -> Hunting:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _call(self, function: Function, arguments: tuple[Any, ...]) -> Any:
        function.check(arguments)
        return self._settled(self._caller.run(function, arguments))


class AsyncHunting(_Client, AsyncActions):
    """VirusTotal's hunting for asyncio. The same methods, to be awaited.

    A call waits in a thread of its own, at most `max_concurrent_calls` at the same time; further ones queue, which is not
    part of their `timeout`. Everything else is as with `Hunting`. A call that is cancelled is no longer waited for, and may
    have reached VirusTotal all the same: before repeating a `create_…`, ask `reconcile_…`.

    `last_response` is about the task's own calls. Python before 3.12 runs what `asyncio.wait_for` is given in a task of its
    own; there take `HuntingError.response`, or the deadline `timeout` in place of `wait_for`.
    """

    def __init__(
        self,
        api_key: str,
        *,
        url: str | None = None,
        timeout: float | None = None,
        max_response_bytes: int | None = None,
        access: Literal["full", "read-only"] | None = None,
        retries: int | None = None,
        requests_per_minute: int | Literal["public"] | None = None,
        allow_http: bool | None = None,
        verify_ssl: bool = True,
        http_proxy: str | None = None,
        max_memory_bytes: int = _MAX_MEMORY_BYTES,
        max_concurrent_calls: int = 8,
    ) -> None:
        key = Secret(api_key)
        del api_key
        settings = _settings.from_arguments(
            key,
            url=url,
            timeout=timeout,
            max_response_bytes=max_response_bytes,
            access=access,
            retries=retries,
            requests_per_minute=requests_per_minute,
            allow_http=allow_http,
            verify_ssl=verify_ssl,
            http_proxy=http_proxy,
        )
        super().__init__(settings, max_memory_bytes)
        self._threads = _threads(max_concurrent_calls)

    @classmethod
    def from_environment(cls, *, max_concurrent_calls: int = 8) -> AsyncHunting:
        """A client with the settings of the environment: `VT_APIKEY`, `VT_URL`, `VT_TIMEOUT` and the others."""
        client = cls.__new__(cls)
        _Client.__init__(client, _settings.from_environment(), _MAX_MEMORY_BYTES)
        client._threads = _threads(max_concurrent_calls)
        return client

    async def close(self) -> None:
        """Ends the client, and waits for calls that are still running: at most their `timeout`."""
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)
        self._caller.close()

    async def __aenter__(self) -> AsyncHunting:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def _call(self, function: Function, arguments: tuple[Any, ...]) -> Any:
        function.check(arguments)
        loop = asyncio.get_running_loop()
        return self._settled(await loop.run_in_executor(self._threads, self._caller.run, function, arguments))


def _threads(most: int) -> ThreadPoolExecutor:
    if not isinstance(most, int) or isinstance(most, bool):
        raise TypeError(f"`max_concurrent_calls` takes an int, not {type(most).__name__}")
    if not 1 <= most <= 1000:
        raise ValueError(f"`max_concurrent_calls` takes 1 to 1000, and was given {most}")
    return ThreadPoolExecutor(most, thread_name_prefix="virustotal-hunting")
