"""From page to page: what the iterators of both clients share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from ._contract import PageInfo

Item = TypeVar("Item", covariant=True)


class Page(Protocol[Item]):
    """What every page of the contract has."""

    @property
    def items(self) -> tuple[Item, ...]: ...

    @property
    def page(self) -> PageInfo: ...


Got = TypeVar("Got")


class _Walk(Generic[Got]):
    """Where a walk over pages stands."""

    def __init__(self, limit: int | None, cursor: str | None, batch: int) -> None:
        if not isinstance(batch, int) or isinstance(batch, bool):
            raise TypeError(f"`batch` takes an int, not {type(batch).__name__}")
        if not 1 <= batch <= 10_000:
            raise ValueError(f"`batch` takes 1 to 10000, and was given {batch}")
        self._left = limit
        self._batch = batch
        self.cursor = cursor

    def next_limit(self) -> int:
        # A wrong `limit` is passed on as it is: the component, or the check of its type, says what is wrong with it.
        return self._batch if self._left is None else min(self._batch, self._left)

    def take(self, page: Page[Got]) -> bool:
        """Counts a page; true when another is wanted. Raises what made it incomplete."""
        info = page.page
        self.cursor = info.cursor
        if info.incomplete is not None:
            # Here, since what it needs of the contract is what needs this module.
            from ._errors import from_record

            raise from_record(info.incomplete, cursor=info.cursor)
        if self._left is not None:
            self._left -= len(page.items)
            if self._left <= 0:
                return False
        return info.cursor is not None


def pages(
    read: Callable[[int, str | None], Page[Got]], limit: int | None, cursor: str | None, batch: int
) -> Iterator[Got]:
    """The items of all pages. Wrong arguments are found here, not at the first item."""
    walk: _Walk[Got] = _Walk(limit, cursor, batch)
    return _walked(read, walk)


def _walked(read: Callable[[int, str | None], Page[Got]], walk: _Walk[Got]) -> Iterator[Got]:
    more = True
    while more:
        page = read(walk.next_limit(), walk.cursor)
        yield from page.items
        more = walk.take(page)


def pages_async(
    read: Callable[[int, str | None], Awaitable[Page[Got]]], limit: int | None, cursor: str | None, batch: int
) -> AsyncIterator[Got]:
    """The same for asyncio."""
    walk: _Walk[Got] = _Walk(limit, cursor, batch)
    return _walked_async(read, walk)


async def _walked_async(
    read: Callable[[int, str | None], Awaitable[Page[Got]]], walk: _Walk[Got]
) -> AsyncIterator[Got]:
    more = True
    while more:
        page = await read(walk.next_limit(), walk.cursor)
        for item in page.items:
            yield item
        more = walk.take(page)
