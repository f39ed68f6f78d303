"""Contracts of every kind: it renders its sample and an empty object, its names are its own, what it points to is there."""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from tui.command import find_kind, names_of
from tui.facts import Tone
from tui.kinds import kind_of, kinds
from tui.model import Kind
from tui.screens.counts import TABS
from tui.screens.keys import every_action, every_view
from tui.values import key_of, text_of

SAMPLES = Path(__file__).parent / "samples"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
DECODED = [kind for kind in kinds().values() if kind.type is not None]
EIGHT = (
    "docker/images", "docker/containers", "docker/volumes", "docker/networks", "swarm/nodes", "kubernetes/pods",
    "kubernetes/deployments", "kubernetes/configmaps",
)  # fmt: skip
named = pytest.mark.parametrize("kind", kinds().values(), ids=lambda kind: kind.id)
decoded = pytest.mark.parametrize("kind", DECODED, ids=lambda kind: kind.id)


def sample(kind: Kind) -> object:
    """Return the kind's sample: one object as its engine's API lists it."""
    return msgspec.json.decode((SAMPLES / f"{kind.id.replace('/', '_')}.json").read_bytes(), type=kind.type)


def empty(kind: Kind) -> object:
    """Return the least that an API may give."""
    return msgspec.json.decode(b'{"metadata": {}}' if kind.family == "kubernetes" else b"{}", type=kind.type)


def test_the_panes_a_person_was_promised_are_there():
    assert set(EIGHT) <= set(kinds())


@decoded
@pytest.mark.parametrize("make", [sample, empty])
def test_every_column_shows_and_sorts(kind, make):
    row = make(kind)
    for column in kind.columns:
        value = column.value(row)
        assert isinstance(text_of(value, NOW), str)
        assert key_of(value) == key_of(column.value(row))
        if column.tone:
            assert isinstance(column.tone(row), Tone)
        if column.gauge:
            assert column.gauge(row) is None or column.gauge(row) >= 0
    assert isinstance(kind.tone(row), Tone)
    kind.trouble(row)
    kind.owners(row)
    kind.replicas(row)
    for section in kind.facts(row, None):
        for fact in section.facts:
            assert isinstance(text_of(fact.value, NOW), str)
    assert isinstance(row.uid, str)
    assert isinstance(row.name, str)
    assert isinstance(row.namespace, str)
    assert isinstance(dict(row.labels), dict)


@decoded
def test_a_sample_says_something(kind):
    row = sample(kind)
    assert row.name
    assert row.uid
    assert sum(bool(text_of(column.value(row), NOW)) for column in kind.columns) >= min(3, len(kind.columns))


def test_names_are_unique_within_an_engine():
    seen = defaultdict(list)
    for kind in kinds().values():
        for name in set(names_of(kind)):
            seen[kind.family, name].append(kind.id)
    assert not {name: found for name, found in seen.items() if len(found) > 1}


@named
def test_a_kind_is_found_by_its_id_and_by_each_name_in_its_own_engine(kind):
    assert find_kind(kind.id, kinds(), "") is kind
    for name in names_of(kind):
        assert find_kind(name, kinds(), kind.family) is kind


@named
def test_no_two_verbs_or_views_of_a_kind_share_a_key(kind):
    keys = [action.key for action in kind.actions] + [view.key for view in kind.views if view.key]
    assert len(keys) == len(set(keys))


@named
def test_what_enter_leads_to_exists(kind):
    if kind.drill is not None:
        assert kind.drill.kind in kinds()


@named
def test_titles_of_columns_differ_and_the_name_comes_first(kind):
    titles = [column.title for column in kind.columns]
    assert len(titles) == len(set(titles))
    assert kind.columns[0].keep == 9 or len(kind.columns) == 1
    assert not kind.sort or kind.sort in titles


def test_one_verb_has_one_key_everywhere():
    actions = {action.id: set() for kind in kinds().values() for action in kind.actions}
    for kind, _ in itertools.product(kinds().values(), [0]):
        for action in kind.actions:
            actions[action.id].add((action.key, action.label, id(action)))
    assert all(len(found) == 1 for found in actions.values())


def test_every_verb_explains_itself():
    for kind in kinds().values():
        for action in kind.actions:
            assert action.help.endswith("."), f"{action.id} has no docstring that is a sentence"
        for view in kind.views:
            assert view.help.endswith("."), f"{view.id} has no help"


@named
def test_a_kind_is_found_by_its_file(kind):
    assert kind_of(kind.id) is kind


def test_the_bar_calls_its_panes_by_their_titles():
    assert {kind_id: kinds()[kind_id].title for kind_id in TABS} == dict(TABS)


def test_every_verb_and_view_of_a_kind_is_named_by_its_package():
    """The keys are bound from the packages, before any kind is read."""
    for kind in kinds().values():
        assert {action.id for action in kind.actions} <= set(every_action())
        assert {view.id for view in kind.views} <= set(every_view())
