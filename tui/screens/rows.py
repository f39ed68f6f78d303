"""Rows: how the columns of a kind become the columns of a table, and the text of a row that a filter looks at."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from tui.model import Column, Kind
from tui.values import MISSING, Key, Value, is_right, key_of, text_of
from widgets.table import TableColumn

MOST = 100_000  # texts that are remembered
NAMESPACE = Column("Namespace", lambda obj: obj.namespace, keep=8, glow=False)
ODD = (AttributeError, KeyError, TypeError, ValueError, IndexError)
"""What a column may stumble over in an object that no one thought of; its cell says so and the table lives on."""


def table_columns(kind: Kind, namespace: bool) -> list[TableColumn]:
    """Return the table's columns for a kind; `namespace`: with the namespace behind the name."""
    first, *rest = kind.columns
    shown = [first, NAMESPACE, *rest] if namespace else [first, *rest]
    return [_column(column) for column in shown]


def _column(column: Column) -> TableColumn:
    tone = column.tone
    return TableColumn(
        title=column.title,
        text=partial(_text, column.value),
        key=partial(_key, column.value),
        right=partial(_right, column.value),
        tone=None if tone is None else lambda obj: str(tone(obj)),
        keep=column.keep,
        wide=column.wide,
        glow=column.glow,
        gauge=column.gauge,
        width=column.width,
        ages=True,
    )


def _value(value: Callable[[Any], Value], obj: Any) -> Value:
    try:
        return value(obj)
    except ODD as error:
        return f"⚠ {type(error).__name__}"


def _text(value: Callable[[Any], Value], obj: Any, now: datetime) -> str:
    return text_of(_value(value, obj), now)


def _key(value: Callable[[Any], Value], obj: Any) -> Key:
    found = _value(value, obj)
    return MISSING if found == "" else key_of(found)


def _right(value: Callable[[Any], Value], obj: Any) -> bool:
    return is_right(_value(value, obj))


@lru_cache(1)  # kept while a filter is typed, letter by letter
def row_text(kind: Kind) -> Callable[[Any], str]:
    """Return the function that gives the words of a row: every column whose value is text, and the namespace; remembered per object."""
    known: dict[str, tuple[Any, str]] = {}

    def text(obj: Any) -> str:
        seen = known.get(obj.uid)
        if seen is not None and seen[0] is obj:
            return seen[1]
        now = datetime.now().astimezone()
        if len(known) > MOST:
            known.clear()
        values = (_value(column.value, obj) for column in kind.columns)
        words = [obj.namespace, *("" if isinstance(value, datetime) else text_of(value, now) for value in values)]
        joined = " ".join(words)
        known[obj.uid] = (obj, joined)
        return joined

    return text
