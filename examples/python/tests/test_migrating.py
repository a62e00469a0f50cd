"""The pairs of MIGRATING.md do the same: each block runs, and both come to the same `result`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import vt

import virustotal_hunting as vh
from virustotal_hunting import Hunting

from .conftest import Simulator, rules

PAGE = Path(__file__).parent.parent / "MIGRATING.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)


def pairs() -> list[tuple[str, str, str]]:
    """Title, the block for vt-py, the block for this package: for each heading below `Pair by pair`."""
    found = []
    for section in re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.M)[1:]:
        title = section.partition("\n")[0]
        before, after = BLOCK.findall(section)
        found.append((title, before, after))
    return found


PAIRS = pairs()


@pytest.mark.parametrize(("title", "before", "after"), PAIRS, ids=[title for title, _, _ in PAIRS])
def test_both_sides_do_the_same(
    hunting: Hunting, simulator: Simulator, name: str, title: str, before: str, after: str
) -> None:
    made = hunting.create_livehunt_ruleset(vh.NewRuleset(name=name, rules=rules(name), enabled=True, limit=100_000))
    simulator.control("POST", "feed/advance?samples=60")
    job = hunting.create_retrohunt_job(vh.NewRetrohuntJob(rules=rules(name)))
    simulator.advance(3600)
    given: dict[str, Any] = {"ruleset_id": made.id, "job_id": job.id, "name": name, "RULES": rules(name)}
    with vt.Client(simulator.key, host=simulator.url) as client:
        old = {"vt": vt, "client": client, **given}
        exec(before, old)
    new = {**vars(vh), "hunting": hunting, **given}
    exec(after, new)
    hunting.delete_retrohunt_job(job.id)
    assert old["result"], f"{title}: vt-py came to nothing"
    assert new["result"] == old["result"]


def test_the_page_has_pairs_and_no_block_outside_of_one() -> None:
    blocks = PAGE.read_text(encoding="utf-8").count("```python")
    assert len(PAIRS) >= 7 and blocks == 2 * len(PAIRS)
