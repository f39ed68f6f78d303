"""Nothing of a Kubernetes kind stumbles over an odd object: fields missing, null, or of values that nobody thought of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.facts import Tone
from tui.kinds import kinds
from tui.values import key_of, text_of

KUBERNETES = [kind for kind in kinds().values() if kind.family == "kubernetes"]
NOW = datetime.now(UTC)


def _ago(seconds: float) -> str:
    return (NOW - timedelta(seconds=seconds)).isoformat()


WORD = st.sampled_from(
    ["", "Running", "Ready", "Completed", "CrashLoopBackOff", "Init:0/1", "a", "b", "True", "False", "LoadBalancer", "x" * 70]
)
STAMP = st.sampled_from(["2026-01-01T00:00:00Z", "0001-01-01T00:00:00Z", _ago(5), _ago(-5), _ago(400)])


def wild(info: msgspec.inspect.Type) -> st.SearchStrategy[Any]:
    """Return a strategy for what a type decodes, with fields missing and null wherever that decodes."""
    match info:
        case msgspec.inspect.StructType():
            optional = {field.encode_name: wild(field.type) for field in info.fields if not field.encode_name.startswith("pilothouse.")}
            need = {"metadata": optional.pop("metadata")} if "metadata" in optional else {}
            return st.fixed_dictionaries(need, optional=optional)
        case msgspec.inspect.UnionType():
            return st.one_of(*(wild(item) for item in info.types))
        case msgspec.inspect.NoneType():
            return st.none()
        case msgspec.inspect.VarTupleType() | msgspec.inspect.ListType():
            return st.lists(wild(info.item_type), max_size=3)
        case msgspec.inspect.DictType():
            return st.dictionaries(WORD, wild(info.value_type), max_size=2)
        case msgspec.inspect.BoolType():
            return st.booleans()
        case msgspec.inspect.IntType():
            return st.sampled_from([0, 1, 2, 137, 2**31 - 1, -1])
        case msgspec.inspect.DateTimeType():
            return STAMP
        case _:
            return WORD


RANDOM = {kind.id: wild(msgspec.inspect.type_info(kind.type)) for kind in KUBERNETES}
KEYS = st.sampled_from(
    ["metadata", "spec", "status", "data", "annotations", "rules", "http", "paths", "containers", "name", "strategy", "limits", "volumes",
     "taints", "capacity", "template"]
)  # fmt: skip
LEAF = st.none() | st.booleans() | st.integers() | WORD
ANYTHING = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8)
FULL = st.none() | st.dictionaries(st.sampled_from(["metadata", "spec", "status", "data"]), ANYTHING)


@pytest.mark.parametrize("kind", KUBERNETES, ids=lambda kind: kind.id)
def test_nothing_stumbles_over_an_odd_object(kind: Any) -> None:
    @settings(max_examples=60, deadline=None)
    @given(RANDOM[kind.id], FULL)
    def check(body: dict[str, Any], full: dict[str, Any] | None) -> None:
        made = msgspec.json.decode(msgspec.json.encode(body), type=kind.type)
        for row in [made, *(kind.expand(made) if kind.expand else ())]:
            for column in kind.columns:
                value = column.value(row)
                assert isinstance(text_of(value, NOW), str)
                key_of(value)
                if column.tone:
                    column.tone(row)
            assert kind.tone(row) in Tone
            kind.trouble(row)
            kind.owners(row)
            kind.replicas(row)
            for section in kind.facts(row, full):
                assert all(isinstance(text_of(fact.value, NOW), str) and fact.label is not None for fact in section.facts)

    check()
