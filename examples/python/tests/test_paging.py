"""Iterators read to the end, stop where they are told, and lose nothing when a page fails."""

from __future__ import annotations

import pytest

import virustotal_hunting as vh
from virustotal_hunting import Hunting, IocStreamQuery

from .conftest import Simulator

QUERY = IocStreamQuery(descriptors_only=True, order="date+")


@pytest.fixture(autouse=True)
def entries(simulator: Simulator) -> None:
    """At least 100 entries, whatever other tests deleted."""
    simulator.advance(3600)
    simulator.control("POST", "ioc_stream/add?count=100")
    simulator.control("DELETE", "requests")


@pytest.mark.parametrize("batch", [1, 7, 40, 10_000])
def test_an_iterator_reads_all_there_is_each_once(hunting: Hunting, batch: int) -> None:
    everything = hunting.get_ioc_stream_objects(IocStreamQuery(descriptors_only=True, order="date+", limit=5000))
    assert everything.page.cursor is None and len(everything.items) >= 100
    assert tuple(hunting.iter_ioc_stream_objects(QUERY, batch=batch)) == everything.items


def test_an_iterator_stops_at_the_limit_and_asks_for_no_more(hunting: Hunting, simulator: Simulator) -> None:
    query = IocStreamQuery(descriptors_only=True, limit=45)
    assert len(list(hunting.iter_ioc_stream_objects(query))) == 45
    limits = [request["query"] for request in simulator.requests()]
    assert ["limit=40" in limits[0], "limit=5" in limits[1], len(limits)] == [True, True, 2]


def test_an_iterator_goes_on_from_a_cursor(hunting: Hunting) -> None:
    everything = list(hunting.iter_ioc_stream_objects(QUERY))
    page = hunting.get_ioc_stream_objects(IocStreamQuery(descriptors_only=True, order="date+", limit=13))
    rest = hunting.iter_ioc_stream_objects(
        IocStreamQuery(descriptors_only=True, order="date+", cursor=page.page.cursor)
    )
    assert [*page.items, *rest] == everything


def test_an_incomplete_page_gives_its_items_before_the_error_and_a_place_to_go_on(
    hunting: Hunting, simulator: Simulator
) -> None:
    everything = list(hunting.iter_ioc_stream_objects(QUERY))
    # The third request of one call: its first two pages are good.
    simulator.fault({"status": {"code": 503}}, path="/api/v3/ioc_stream", query="cursor=", after=1)
    read = []
    with pytest.raises(vh.UnavailableError) as caught:
        for entry in hunting.iter_ioc_stream_objects(QUERY, batch=1000):
            read.append(entry)
    assert read == everything[:80]
    simulator.control("DELETE", "faults")
    query = IocStreamQuery(descriptors_only=True, order="date+", cursor=caught.value.cursor)
    assert read + list(hunting.iter_ioc_stream_objects(query)) == everything


def test_an_iterator_finds_wrong_arguments_before_the_first_item(hunting: Hunting, simulator: Simulator) -> None:
    with pytest.raises(ValueError, match="`batch` takes 1 to 10000, and was given 0"):
        hunting.iter_ioc_stream_objects(batch=0)
    with pytest.raises(TypeError, match="`batch` takes an int, not str"):
        hunting.iter_ioc_stream_objects(batch="40")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="`query` takes a IocStreamQuery, not dict"):
        hunting.iter_ioc_stream_objects({"limit": 4})  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="`id` takes a str, not int"):
        hunting.iter_retrohunt_job_matches(5)  # type: ignore[arg-type]
    assert simulator.requests() == []


def test_a_limit_of_none_at_all_is_refused_by_the_component(hunting: Hunting) -> None:
    with pytest.raises(vh.InvalidArgumentError, match="limit"):
        list(hunting.iter_ioc_stream_objects(IocStreamQuery(limit=0)))
