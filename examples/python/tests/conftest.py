"""The simulator that the tests talk to, and the clients that do.

`VT_URL` and `VT_APIKEY` say where a simulator listens and which key it takes; `cargo xtask test --only python` sets both.
What a test makes there it names for itself, so that tests may run in any order, or alone.
"""

from __future__ import annotations

import json
import os
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from virustotal_hunting import Hunting, NewRuleset, Ruleset

# A proxy from the environment must not see requests to this machine.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Simulator:
    """The simulator, and its control API."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self.key = key

    def control(self, method: str, path: str, body: object = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_simulator/{path}", data=data, method=method)
        with _OPENER.open(request, timeout=600) as response:
            return json.load(response)

    def fault(self, action: object, **where: object) -> None:
        """Has something go wrong from now on, until the test is over."""
        self.control("POST", "faults", {"action": action, **where})

    def advance(self, seconds: int) -> int:
        return int(self.control("POST", f"clock/advance?seconds={seconds}")["now"])

    @property
    def now(self) -> int:
        return int(self.control("GET", "state")["now"])

    @property
    def user(self) -> str:
        """The name of the key's user."""
        return str(self.control("GET", "state")["users"][0]["user"])

    def requests(self) -> list[dict[str, Any]]:
        return list(self.control("GET", "requests")["requests"])


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """The simulator without faults, before and after."""
    missing = [name for name in ("VT_URL", "VT_APIKEY") if not os.environ.get(name)]
    if missing:
        pytest.fail(f"set {' and '.join(missing)}: `vt-simulator --json` says to what")
    simulator = Simulator(os.environ["VT_URL"], os.environ["VT_APIKEY"])
    simulator.control("DELETE", "faults")
    simulator.control("DELETE", "requests")
    yield simulator
    simulator.control("DELETE", "faults")


@pytest.fixture
def hunting(simulator: Simulator) -> Iterator[Hunting]:
    """A client of the simulator. A fault is seen at once, since nothing is repeated."""
    with Hunting(simulator.key, url=simulator.url, retries=0, timeout=120) as client:
        yield client


@pytest.fixture
def name() -> str:
    """A name that nothing else has."""
    return f"t{uuid.uuid4().hex}"


def rules(rule: str) -> str:
    """A rule that matches the simulator's loaders."""
    return f'rule {rule} : loader {{ strings: $marker = "SIMULATED-LOADER" condition: all of them }}'


@pytest.fixture
def ruleset(hunting: Hunting, name: str) -> Ruleset:
    """A ruleset that is matched, with one rule of the same name."""
    return hunting.create_livehunt_ruleset(NewRuleset(name=name, rules=rules(name), enabled=True, limit=100_000))
