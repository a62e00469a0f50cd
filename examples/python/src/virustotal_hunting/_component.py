"""The component in wasmtime: compiled once a process, instantiated once a call."""

from __future__ import annotations

import os
import threading
from importlib.resources import files
from typing import NamedTuple

import wasmtime
from wasmtime.component import Component, Instance, Linker

from . import _contract
from ._contract import ResponseInfo
from ._errors import ComponentError, HuntingError, from_record
from ._settings import Settings
from ._values import Failed, Function

_LAST_RESPONSE = next(one for one in _contract.FUNCTIONS if one.interface.startswith("virustotal:hunting/diagnostics"))


class _Compiled(NamedTuple):
    engine: wasmtime.Engine
    component: Component
    linker: Linker
    process: int


_lock = threading.Lock()
_compiled: _Compiled | None = None


def _shared() -> _Compiled:
    """The process's engine and compiled component; the first to ask waits for the compiler, some 0.1 s."""
    global _compiled
    with _lock:
        if _compiled is None:
            engine = wasmtime.Engine()
            wasm = files(__package__).joinpath("virustotal_hunting.wasm").read_bytes()
            linker = Linker(engine)
            linker.add_wasip2()
            linker.add_wasi_http()
            _compiled = _Compiled(engine, Component(engine, wasm), linker, os.getpid())
        if _compiled.process != os.getpid():
            # wasmtime's own threads, which carry every request, are not there after a fork.
            raise ComponentError(
                "this process was forked after its parent had called VirusTotal, which wasmtime does not survive; "
                "start it with the `spawn` or `forkserver` method, or make the first call after the fork"
            )
        return _compiled


class _Sandbox:
    """One instance of the component, for one thread at a time."""

    def __init__(self, settings: Settings, max_memory_bytes: int) -> None:
        shared = _shared()
        self._store = wasmtime.Store(shared.engine)
        self._store.set_limits(memory_size=max_memory_bytes, table_elements=10_000)
        wasi = wasmtime.WasiConfig()
        wasi.env = settings.environment()
        self._store.set_wasi(wasi)
        self._store.set_wasi_http()
        self._instance: Instance = shared.linker.instantiate(self._store, shared.component)

    def call(self, function: Function, arguments: tuple[object, ...]) -> object:
        interface = self._instance.get_export_index(self._store, function.interface)
        index = self._instance.get_export_index(self._store, function.name, interface)
        found = None if index is None else self._instance.get_func(self._store, index)
        if found is None:
            raise ComponentError(f"the component has no function `{function.name}`: it and this package do not belong together")
        return function.call(found._func, self._store._context(), arguments)

    def close(self) -> None:
        self._store.close()


class Outcome(NamedTuple):
    """How a call ended, and the last answer it got on the way."""

    value: object
    error: HuntingError | None
    response: ResponseInfo | None


class Caller:
    """Runs calls for one client, each with the same settings. Any number of threads may call at the same time."""

    def __init__(self, settings: Settings, max_memory_bytes: int) -> None:
        if not isinstance(max_memory_bytes, int) or isinstance(max_memory_bytes, bool):
            raise TypeError(f"`max_memory_bytes` takes an int, not {type(max_memory_bytes).__name__}")
        if not 2 * 1024 * 1024 <= max_memory_bytes <= 1 << 32:
            raise ValueError(f"`max_memory_bytes` takes 2097152 to 4294967296, and was given {max_memory_bytes}")
        self.settings = settings
        self._max_memory_bytes = max_memory_bytes
        self._closed = False
        # With a rate all calls take turns in one instance, which counts; without, each has a fresh one.
        self._turn = threading.Lock() if settings.keeps_a_rate else None
        self._kept: _Sandbox | None = None

    def run(self, function: Function, arguments: tuple[object, ...]) -> Outcome:
        """Runs checked arguments through the component. Blocks until the answer is there or the deadline has passed."""
        if self._turn is None:
            sandbox = self._fresh()
            try:
                return self._run_in(sandbox, function, arguments)
            finally:
                sandbox.close()
        with self._turn:
            if self._kept is None:
                self._kept = self._fresh()
            try:
                return self._run_in(self._kept, function, arguments)
            except ComponentError:
                # Its memory may be half written.
                self._kept.close()
                self._kept = None
                raise

    def _fresh(self) -> _Sandbox:
        if self._closed:
            raise RuntimeError("this client is closed; make a new one")
        return _Sandbox(self.settings, self._max_memory_bytes)

    @staticmethod
    def _run_in(sandbox: _Sandbox, function: Function, arguments: tuple[object, ...]) -> Outcome:
        trouble = None
        try:
            value = sandbox.call(function, arguments)
            response = sandbox.call(_LAST_RESPONSE, ())
        except wasmtime.WasmtimeError as error:
            trouble = str(error).partition("\n")[0]
        if trouble is not None:
            raise ComponentError(
                f"the component broke off in `{function.name}` ({trouble}); if its answers are large, ask for less or "
                "raise `max_memory_bytes`"
            )
        assert response is None or isinstance(response, ResponseInfo)
        if isinstance(value, Failed):
            return Outcome(None, from_record(value.error, response=response), response)
        return Outcome(value, None, response)

    def close(self) -> None:
        """Refuses further calls. One that runs comes to its end."""
        self._closed = True
        if self._turn is not None:
            with self._turn:
                if self._kept is not None:
                    self._kept.close()
                    self._kept = None
