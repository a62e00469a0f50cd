"""A guest that imports the hunting contract and sums up what came in.

The same world as the crate beside it, and the same answer. `componentize-py` makes a component of it, and writes
the modules imported below from the WIT files.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.triage import Arrival, Failure, RuleSummary, SourceSummary, Summary
from wit_world.imports import ioc_stream, livehunt, types

# Objects a call: the connector gathers them over several requests, all of which share its deadline.
PER_CALL = 200
# How many arrivals are told one by one when nobody says.
DEFAULT_NEWEST = 10


@dataclass
class Rule:
    """What a rule brought so far."""

    notifications: int = 0
    stream_objects: int = 0
    files: set[str] = field(default_factory=set)
    dates: list[int] = field(default_factory=list)

    def seen(self, file: str | None, date: int | None) -> None:
        """Notes a match: its file, where it is one, and the earliest and latest date."""
        if file is not None:
            self.files.add(file)
        if date is not None:
            dates = [*self.dates, date]
            self.dates = [min(dates), max(dates)]


@dataclass
class Source:
    """What a source brought so far."""

    label: str | None = None
    stream_objects: int = 0


@dataclass
class Tally:
    """What was read so far."""

    most_newest: int
    stream_objects: int = 0
    notifications: int = 0
    files: set[str] = field(default_factory=set)
    rules: dict[str, Rule] = field(default_factory=dict)
    sources: dict[tuple[str, str], Source] = field(default_factory=dict)
    newest: list[Arrival] = field(default_factory=list)

    def add_object(self, given: ioc_stream.IocStreamObject) -> None:
        self.stream_objects += 1
        file = given.id if given.object_type == "file" else None
        if file is not None:
            self.files.add(file)
        # What a subscription brought has no rule, and is told by its source alone.
        name = None
        if given.hunting_info is not None:
            name = given.hunting_info.rule_name
            rule = self.rules.setdefault(name or "", Rule())
            rule.stream_objects += 1
            rule.seen(file, given.notification_date)
        for origin in given.sources:
            source = self.sources.setdefault((origin.source_type, origin.id), Source())
            source.stream_objects += 1
            if source.label is None:
                source.label = origin.label
        # The stream comes newest first.
        if len(self.newest) < self.most_newest:
            self.newest.append(Arrival(given.id, given.object_type, name, given.notification_date))

    def add_notification(self, given: livehunt.Notification) -> None:
        self.notifications += 1
        if given.file_sha256 is not None:
            self.files.add(given.file_sha256)
        rule = self.rules.setdefault(given.rule_name or "", Rule())
        rule.notifications += 1
        rule.seen(given.file_sha256, given.date)

    def summary(self, incomplete: Failure | None) -> Summary:
        # By UTF-8 bytes, the order in which Rust sorts text.
        rules = sorted(
            self.rules.items(),
            key=lambda item: (-item[1].notifications - item[1].stream_objects, item[0].encode()),
        )
        sources = sorted(
            self.sources.items(),
            key=lambda item: (-item[1].stream_objects, [part.encode() for part in item[0]]),
        )
        return Summary(
            stream_objects=self.stream_objects,
            notifications=self.notifications,
            files=len(self.files),
            rules=[
                RuleSummary(
                    rule=name,
                    notifications=rule.notifications,
                    stream_objects=rule.stream_objects,
                    files=len(rule.files),
                    first=rule.dates[0] if rule.dates else None,
                    last=rule.dates[-1] if rule.dates else None,
                )
                for name, rule in rules
            ],
            sources=[
                SourceSummary(source_type, source_id, source.label, source.stream_objects)
                for (source_type, source_id), source in sources
            ],
            newest=self.newest,
            incomplete=incomplete,
        )


def failure(error: types.Error) -> Failure:
    """What an analyst has to know of the contract's error."""
    return Failure(error.code, error.message, error.status, error.retryable)


def to_the_end(read: Callable[[str | None], types.PageInfo]) -> types.Error | None:
    """Reads page after page; says why it ended early, if it did. Only the first page's failure is raised."""
    page = read(None)
    while page.incomplete is None and page.cursor is not None:
        try:
            page = read(page.cursor)
        except Err as failure:
            return failure.value
    return page.incomplete


class Triage(exports.Triage):
    """The world's one export."""

    def triage(self, since: int | None, newest: int | None) -> Summary:
        """See the WIT file. Raises `Err(failure)` when the first page of a list cannot be read."""
        tally = Tally(DEFAULT_NEWEST if newest is None else newest)
        filter = None if since is None else f"date:{since}+"

        def stream(cursor: str | None) -> types.PageInfo:
            query = ioc_stream.IocStreamQuery(PER_CALL, True, filter, "date-", cursor)
            answer = ioc_stream.get_ioc_stream_objects(query)
            for given in answer.items:
                tally.add_object(given)
            return answer.page

        def notifications(cursor: str | None) -> types.PageInfo:
            query = livehunt.NotificationsQuery(PER_CALL, filter, "date-", cursor, None)
            answer = livehunt.get_livehunt_notifications(query)
            for given in answer.items:
                tally.add_notification(given)
            return answer.page

        try:
            incomplete = to_the_end(stream)
        except Err as error:
            raise Err(failure(error.value)) from None
        # The second list is read even if the first one broke off: what there is of it is good.
        try:
            end = to_the_end(notifications)
            incomplete = incomplete or end
        except Err as error:
            if incomplete is None:
                raise Err(failure(error.value)) from None
        return tally.summary(None if incomplete is None else failure(incomplete))
