"""The filter: words are AND, `!` is NOT, labels and fuzzy as k9s and kubectl read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.filter import BadFilter, compile_filter

LABELS = {"app": "web", "tier": "front"}


def hit(source: str, name: str = "checkout-7d9f", text: str = "payments checkout-7d9f Running 2/2") -> bool:
    return compile_filter(source).matches(name, text, LABELS)


@pytest.mark.parametrize(
    "source", ["", "checkout", "CHECK", "run", "check run", "^pay", "!pending", "check !fail", "x|check", "-f cko", "-l app=web"]
)
def test_what_matches(source):
    assert hit(source)


@pytest.mark.parametrize(
    "source", ["mailer", "check mailer", "!check", "run !payments", "-f xyz", "-l app=db", "-l !app", "-l tier!=front"]
)
def test_what_does_not(source):
    assert not hit(source)


@pytest.mark.parametrize(
    ("selector", "yes"),
    [
        ("app=web,tier=front", True), ("app==web", True), ("app in (web, api)", True), ("app notin (web)", False),
        ("env notin (prod)", True), ("app", True), ("env", False), ("!env", True), ("app=web,!env,tier in (front,back)", True),
    ],
)  # fmt: skip
def test_label_selectors(selector, yes):
    assert hit(f"-l {selector}") is yes


@pytest.mark.parametrize("source", ["(", "[", "*a", "!(", "-l app in web)x y"])
def test_what_is_no_filter_is_said(source):
    with pytest.raises(BadFilter):
        compile_filter(source)


@pytest.mark.parametrize("source", ["-l", "-f", "!", "a -l"])
def test_a_filter_that_is_still_being_typed_hides_nothing(source):
    assert hit(source.replace("a", "checkout"))


@given(st.text(max_size=30))
def test_no_text_makes_it_crash(source):
    try:
        compile_filter(source).matches("a", "a b c", {})
    except BadFilter as error:
        assert str(error)
