"""Which columns of a LiveTable stand where: natural widths that only grow, low ones leave when it is narrow; no Textual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from widgets._table_model import TableColumn

PREFIX = 3  # the mark, the state's glyph, a space
GAP = 2
GAUGE = 6
CAP = 60  # no column is wider by itself
_CAPS = (48, 40, 34, 28, 24, 20)  # how far long words give way, step by step, before a column leaves
_NAME_LEAST = 24  # the name gives way less
_HARD = 8  # columns from this `keep` on are not cut
_LEAST = 4


@dataclass(frozen=True, slots=True)
class Slot:
    """A column's place: `index` into the columns, cells `x` to `x + width`; `gauge` of them a line at the right end."""

    index: int
    x: int
    width: int
    gauge: int
    right: bool

    @property
    def end(self) -> int:
        """Return the first cell behind the column."""
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns on the screen, from left to right, and whether some that belong there are not."""

    slots: tuple[Slot, ...] = ()
    more: bool = False


def width_of(text: str) -> int:
    """Return how many cells a safe text takes."""
    return len(text) if text.isascii() else cell_len(text)


def fit(text: str, width: int, right: bool = False) -> str:
    """Return the text in exactly `width` cells: padded, or cut with `…`."""
    taken = width_of(text)
    if taken > width:
        return set_cell_size(text, width - 1) + "…" if width > 0 else ""
    return " " * (width - taken) + text if right else text + " " * (width - taken)


class Widths:
    """How wide the columns want to be: as their cells, grown as these are seen, or as a person dragged them."""

    def __init__(self, columns: Sequence[TableColumn], chosen: Mapping[str, int] | None = None) -> None:
        self.columns = columns
        self.chosen = dict(chosen or {})
        self.natural = [0] * len(columns)
        self.right = [column.right is True for column in columns]

    def forget(self) -> None:
        """Let the columns shrink: their cells are measured anew."""
        self.natural = [0] * len(self.columns)

    def grow(self, texts: Sequence[str]) -> bool:
        """Take note of a row's cells; tell whether a column must grow for them."""
        grown = False
        natural = self.natural
        for index, text in enumerate(texts):
            if (width := width_of(text)) > natural[index]:
                grown |= width <= (self.columns[index].width or CAP) or natural[index] < (self.columns[index].width or CAP)
                natural[index] = width
        return grown

    def wanted(self, index: int) -> tuple[int, int]:
        """Return how wide a column wants to be, and how much of that is its gauge."""
        column = self.columns[index]
        text = min(self.natural[index], column.width or CAP)
        gauge = GAUGE + bool(text) if column.gauge is not None else 0
        if chosen := self.chosen.get(column.title):
            return max(chosen, _LEAST), min(gauge, max(0, chosen - text))
        return max(text + gauge, width_of(column.title), 1), gauge

    def layout(self, width: int, wide: bool, shift: int) -> Layout:
        """Return where the columns stand in `width` cells.

        Unless `wide`, the columns with the lowest `keep` leave until the rest fits (of equals the rightmost). A `shift`,
        or wide mode, leaves out so many columns behind the first instead, and shows what fits.
        """
        indexes = [index for index, column in enumerate(self.columns) if wide or not column.wide]
        if not indexes or width <= PREFIX:
            return Layout()
        room = width - PREFIX - 1
        full = {index: self.wanted(index)[0] for index in indexes}
        wants = self._squeezed(full, indexes[0], room)
        kept = self._shifted(indexes, shift, wants, room) if wide or shift else self._fitting(indexes, wants, room)
        spare = room - sum(wants[index] for index in kept) - GAP * (len(kept) - 1)
        for index in sorted(kept, key=lambda index: (index != indexes[0], -self.columns[index].keep)):
            given = max(0, min(full[index] - wants[index], spare))
            wants[index] += given
            spare -= given
        if spare < 0:
            wants[indexes[0]] = max(1, wants[indexes[0]] + spare)
        return Layout(self._slots(kept, wants, room), len(kept) + shift < len(indexes))

    def _squeezed(self, full: Mapping[int, int], first: int, room: int) -> dict[int, int]:
        """Return the widths after long words have given way: before a column leaves, its neighbours are cut with `…`.

        Numbers, states (a high `keep`) and what a person dragged are never cut.
        """
        wants = dict(full)
        soft = [
            index
            for index in wants
            if self.columns[index].title not in self.chosen
            and (index == first or (self.columns[index].keep < _HARD and not self.right[index] and self.columns[index].gauge is None))
        ]
        for cap in _CAPS:
            if sum(wants.values()) + GAP * (len(wants) - 1) <= room:
                break
            for index in soft:
                least = max(cap, _NAME_LEAST) if index == first else cap
                wants[index] = min(wants[index], max(least, width_of(self.columns[index].title)))
        return wants

    def _fitting(self, indexes: list[int], wants: Mapping[int, int], room: int) -> list[int]:
        kept = list(indexes)
        while len(kept) > 1 and sum(wants[index] for index in kept) + GAP * (len(kept) - 1) > room:
            low = min(kept[1:], key=lambda index: (self.columns[index].keep, -index))
            if self.columns[low].keep >= 9:
                break
            kept.remove(low)
        return kept

    def _shifted(self, indexes: list[int], shift: int, wants: Mapping[int, int], room: int) -> list[int]:
        kept, taken = indexes[:1], wants[indexes[0]]
        for index in indexes[1 + min(shift, max(0, len(indexes) - 2)) :]:
            if taken + GAP + wants[index] > room and len(kept) > 1:
                break
            kept.append(index)
            taken += GAP + wants[index]
        return kept

    def _slots(self, kept: Sequence[int], wants: Mapping[int, int], room: int) -> tuple[Slot, ...]:
        slots: list[Slot] = []
        x, end = PREFIX, PREFIX + room
        for index in kept:
            width = min(wants[index], end - x)
            if width < min(_LEAST, wants[index]):
                break
            gauge = self.wanted(index)[1]
            slots.append(Slot(index, x, width, gauge if width >= gauge else 0, self.right[index]))
            x += width + GAP
        return tuple(slots)
