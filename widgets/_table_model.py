"""What a LiveTable shows: columns, and rows kept sorted and filtered; no Textual."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter, eq
from typing import Any

from widgets._table_order import descending_slowly, sorted_slowly


@dataclass(frozen=True)
class TableColumn:
    """One column.

    `text`: what a cell says at a moment. `key`: its sort key; a tuple that begins with 1 is a missing value, which stays
    last in either direction. `right`: whether cells stand to the right. `tone`: one of well, moving, strained, broken,
    over, plain. `keep`: 0 goes first when the screen is narrow, 9 never goes. `wide`: only in wide mode. `glow`: a
    changed cell glows. `gauge`: a share 0..100 drawn as a thin line beside the text. `width`: at most so many cells;
    0 = as wide as its cells, up to 60. `ages`: the text depends on the time.
    """

    title: str
    text: Callable[[Any, datetime], str]
    key: Callable[[Any], Any]
    right: Callable[[Any], bool] | bool = False
    tone: Callable[[Any], str] | None = None
    keep: int = 5
    wide: bool = False
    glow: bool = True
    gauge: Callable[[Any], float | None] | None = None
    width: int = 0
    ages: bool = False


@dataclass(slots=True, eq=False)
class Row:
    """One row: its object, where it was sorted to, and what is known of its cells.

    A place is (sort key, tie, 1 if the sort key is missing: last in either direction). There are two: the one it has now, and
    one that is being prepared while a new order is looked for; Rows knows which is which.
    """

    key: str
    object: Any
    one: Any = None
    two: Any = None
    visible: bool = True  # the filter shows it
    version: int = 0
    texts: list[str] | None = None  # safe texts by column, made when first looked at
    measured: int = -1  # the version whose cells were measured
    aged: int = -1  # the tick at which ages were last written
    glows: dict[int, float] | None = None  # column (-1: the row) -> when it began


Place = Callable[[Row], Any]
_ONE, _TWO = attrgetter("one"), attrgetter("two")
_STEP = 64  # rows between two looks at the clock


def _rank_of(sort: Any) -> int:
    return int(type(sort) is tuple and len(sort) > 0 and sort[0] == 1)


def _descending(rows: list[Row], sorts: list[Any]) -> list[Row]:
    """Return rows that stand upwards by `sorts` in the other direction: equal ones stay in the order of their ties, missing ones last."""
    end = len(rows)
    while end and _rank_of(sorts[end - 1]):
        end -= 1
    turned = rows[:end][::-1]
    if any(map(eq, sorts[:end], sorts[1:end])):
        turned = []
        at = end
        for _, group in groupby(reversed(sorts[:end])):
            count = sum(1 for _ in group)
            turned += rows[at - count : at]
            at -= count
    return turned + rows[end:]


class Rows:
    """All rows in order, and those of them that the filter shows; `shown` is `ordered` itself while there is no filter.

    A changed sort key takes effect with the next `resort()`: until then a row stays where it is. Order: missing keys
    last, then the key in the wanted direction, then the name, always ascending.
    """

    def __init__(self) -> None:
        self.all: dict[str, Row] = {}
        self.ordered: list[Row] = []
        self.shown: list[Row] = self.ordered
        self.moved: set[str] = set()
        self.reverse = False
        self.predicate: Callable[[Any], bool] | None = None
        self._key: Callable[[Any], Any] = lambda _: 0
        self._tie: Callable[[Any], Any] = lambda _: 0
        self._place: Place = _ONE
        self._touched: set[str] | None = None  # while a new order is looked for: what came, went or changed meanwhile
        self._asked: set[str] | None = None  # the same, while a filter is asked about the rows

    def sort(self, key: Callable[[Any], Any], tie: Callable[[Any], Any], reverse: bool) -> None:
        """Sort by `key`, ties by `tie` and the row's key."""
        known, self._key, self._tie, self.reverse = tie is self._tie, key, tie, reverse
        self._touched = None
        for row in self.ordered:
            found = key(row.object)
            same = known and row.key not in self.moved
            self._put_place(row, (found, self._place(row)[1] if same else (tie(row.object), row.key), _rank_of(found)))
        self.moved.clear()
        self._sort_all()

    def sort_slowly(
        self, key: Callable[[Any], Any], tie: Callable[[Any], Any], reverse: bool, done: Callable[[list[Row]], None]
    ) -> Generator[None, None, None]:
        """Prepare a sort in small steps, then call `done` with the rows in their new order, for `take_order`; forget the old places."""
        rows, place, name = list(self.ordered), *((_TWO, "two") if self._place is _ONE else (_ONE, "one"))
        self._touched = set()
        for at, row in enumerate(rows):
            found = key(row.object)
            setattr(row, name, (found, (tie(row.object), row.key), _rank_of(found)))
            if at % _STEP == 0:
                yield
        rows = yield from sorted_slowly(rows, place)
        if reverse:
            rows = yield from descending_slowly(rows, place)
        yield
        done(rows)
        yield
        name = "one" if name == "two" else "two"
        for at, row in enumerate(rows):
            setattr(row, name, None)
            if at % _STEP == 0:
                yield

    def take_order(self, key: Callable[[Any], Any], tie: Callable[[Any], Any], reverse: bool, rows: list[Row]) -> None:
        """Use the order that `sort_slowly` found; rows that have come or changed meanwhile are placed anew."""
        self._key, self._tie, self.reverse = key, tie, reverse
        self._place = _TWO if self._place is _ONE else _ONE
        self.moved.clear()
        touched, self._touched = self._touched or set(), None
        order = [row for row in rows if row.key not in touched] if touched else rows
        late = [row for key in touched if (row := self.all.get(key)) is not None]
        for row in late:
            self._find_place(row)
        self.ordered[:] = order
        if self.shown is not self.ordered:
            self.shown[:] = [row for row in self.ordered if row.visible]
        if late:
            self._merge(late, self.ordered)
            if self.shown is not self.ordered:
                self._merge([row for row in late if row.visible], self.shown)

    def where_slowly(self, predicate: Callable[[Any], bool], done: Callable[[list[Row]], None]) -> Generator[None, None, None]:
        """Ask the predicate about every row in small steps, then call `done` with the rows to show or hide, for `take_answers`."""
        self._asked = set()
        other: list[Row] = []
        for at, row in enumerate(list(self.ordered)):
            if predicate(row.object) != row.visible:
                other.append(row)
            if at % _STEP == 0:
                yield
        yield
        done(other)

    def take_answers(self, predicate: Callable[[Any], bool], other: Iterable[Row]) -> None:
        """Show only rows that satisfy the predicate: `other` are those to show or hide; what changed meanwhile is asked anew."""
        self.predicate = predicate
        touched, self._asked = self._asked or set(), None
        for row in other:
            if row.key not in touched:
                row.visible = not row.visible
        for key in touched:
            if (found := self.all.get(key)) is not None:
                found.visible = predicate(found.object)
        self.shown = [row for row in self.ordered if row.visible]

    def where(self, predicate: Callable[[Any], bool] | None) -> None:
        """Show only rows that satisfy the predicate; None shows all."""
        self.predicate, self._asked = predicate, None
        for row in self.ordered:
            row.visible = predicate is None or predicate(row.object)
        self.shown = self.ordered if predicate is None else [row for row in self.ordered if row.visible]

    def put(self, rows: Mapping[str, Any]) -> tuple[list[Row], list[tuple[Row, Any]], bool]:
        """Add or change rows; return the new ones, the changed ones with their old objects, and whether `shown` changed."""
        new: list[Row] = []
        changed: list[tuple[Row, Any]] = []
        reshown = False
        self._touch(rows)
        for key, found in rows.items():
            if (row := self.all.get(key)) is None:
                row = self.all[key] = Row(key, found)
                self._find_place(row)
                new.append(row)
                continue
            old, row.object = row.object, found
            if self._is_moved(row):
                self.moved.add(key)
            if self.predicate is not None:
                reshown |= self._reshow(row)
            row.version += 1
            row.texts = None
            changed.append((row, old))
        reshown |= self._add(new)
        return new, changed, reshown

    def gone(self, keys: Iterable[str]) -> bool:
        """Remove rows; tell whether `shown` changed."""
        before = len(self.shown)
        gone = [row for key in keys if (row := self.all.pop(key, None)) is not None]
        self.moved.difference_update(row.key for row in gone)
        self._touch(row.key for row in gone)
        if len(gone) <= 32:
            for row in gone:
                for rows in self._lists():
                    if (at := self.index(row, rows)) >= 0:
                        del rows[at]
        else:
            self._drop({row.key for row in gone})
        return len(self.shown) != before

    def clear(self) -> None:
        """Remove every row."""
        self._touch(self.all)
        self.all.clear()
        self.ordered.clear()
        self.shown.clear()
        self.moved.clear()

    def resort(self) -> bool:
        """Let changed sort keys take effect; tell whether there were any."""
        if not self.moved:
            return False
        rows = [self.all[key] for key in self.moved]
        few = len(rows) <= 64 + len(self.ordered) // 32
        shown = [row for row in rows if row.visible and self.shown is not self.ordered]
        if few:
            self._drop(self.moved)
        for row in rows:
            self._find_place(row)
        self.moved = set()
        if few:
            for row in rows:
                self._insert(row, self.ordered)
            for row in shown:
                self._insert(row, self.shown)
        else:
            self._sort_all()
        return True

    def index(self, row: Row, rows: list[Row] | None = None) -> int:
        """Return where the row stands in `shown` (or in `rows`), or -1."""
        rows = self.shown if rows is None else rows
        at = self._bisect(row, rows)
        if at < len(rows) and rows[at] is row:
            return at
        if rows is self.shown and not row.visible:
            return -1
        # Only sort keys without a total order (such as NaN) lead here while the row is there.
        return rows.index(row) if row in rows else -1

    # ---- inside -----------------------------------------------------------------------------------------------------

    def _lists(self) -> tuple[list[Row], ...]:
        return (self.ordered,) if self.shown is self.ordered else (self.ordered, self.shown)

    def _touch(self, keys: Iterable[str]) -> None:
        if self._touched is None and self._asked is None:
            return
        keys = list(keys)
        for touched in (self._touched, self._asked):
            if touched is not None:
                touched.update(keys)

    def _find_place(self, row: Row) -> None:
        found = self._key(row.object)
        self._put_place(row, (found, (self._tie(row.object), row.key), _rank_of(found)))

    def _put_place(self, row: Row, place: Any) -> None:
        if self._place is _ONE:
            row.one = place
        else:
            row.two = place

    def _is_moved(self, row: Row) -> bool:
        place = self._place(row)
        return bool(self._key(row.object) != place[0] or self._tie(row.object) != place[1][0])

    def _reshow(self, row: Row) -> bool:
        """Show or hide a changed row as the filter wants it."""
        assert self.predicate is not None
        wanted = self.predicate(row.object)
        if wanted == row.visible:
            return False
        if wanted:
            row.visible = True
            self._insert(row, self.shown)
        else:
            del self.shown[self.index(row)]
            row.visible = False
        return True

    def _add(self, new: list[Row]) -> bool:
        if not new:
            return False
        if self.predicate is not None:
            for row in new:
                row.visible = self.predicate(row.object)
        shown = [row for row in new if row.visible]
        if len(new) > 32:
            self._merge(new, self.ordered)
            if self.shown is not self.ordered:
                self._merge(shown, self.shown)
        else:
            for row in new:
                self._insert(row, self.ordered)
            if self.shown is not self.ordered:
                for row in shown:
                    self._insert(row, self.shown)
        return bool(shown)

    def _drop(self, keys: set[str]) -> None:
        for rows in self._lists():
            rows[:] = [row for row in rows if row.key not in keys]

    def _insert(self, row: Row, rows: list[Row]) -> None:
        rows.insert(self._bisect(row, rows), row)

    def _sort_all(self) -> None:
        for rows in self._lists():
            rows.sort(key=self._place)
            if self.reverse:
                rows[:] = _descending(rows, [self._place(row)[0] for row in rows])

    def _merge(self, new: list[Row], rows: list[Row]) -> None:
        """Put many new rows where they belong among many that are in order."""
        new = sorted(new, key=self._place)
        if self.reverse:
            new = _descending(new, [self._place(row)[0] for row in new])
        merged: list[Row] = []
        done = 0
        for row in new:
            at = self._bisect(row, rows, done) if self.reverse else bisect_left(rows, self._place(row), done, key=self._place)
            merged += rows[done:at]
            merged.append(row)
            done = at
        rows[:] = merged + rows[done:]

    def _bisect(self, row: Row, rows: list[Row], low: int = 0) -> int:
        high = len(rows)
        while low < high:
            middle = (low + high) // 2
            if self._before(rows[middle], row):
                low = middle + 1
            else:
                high = middle
        return low

    def _before(self, one: Row, other: Row) -> bool:
        (sort, tie, rank), (other_sort, other_tie, other_rank) = self._place(one), self._place(other)
        if rank != other_rank:
            return bool(rank < other_rank)
        if sort != other_sort:
            return bool(other_sort < sort) if self.reverse else bool(sort < other_sort)
        return bool(tie < other_tie)
