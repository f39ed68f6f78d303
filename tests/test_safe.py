"""Safe text: nothing that steers a terminal gets through, and what is harmless stays as it is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.widgets import Label

from tests.lineapp import HOSTILE, LineApp
from widgets.safe import SafeFilter, ansi_line, install, safe

RED = RichColor.parse("#ff0000")
SIXTEEN = [RED, *[RichColor.from_ansi(number) for number in range(1, 16)]]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain [/] text", "plain [/] text"),
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("a\tb\nc\r", "a    b␤c␍"),
        ("\x9b31m\x7f\x00", "⟨009B⟩31m␡␀"),
        ("\u202eabc\u2066\u200f\u061c", "⟨202E⟩abc⟨2066⟩⟨200F⟩⟨061C⟩"),
        ("a\u200bb\ufeff\u00ad\u2060", "a⟨200B⟩b⟨FEFF⟩⟨00AD⟩⟨2060⟩"),
        ("\ud800x\udfff", "⟨D800⟩x⟨DFFF⟩"),
        ("\U000e0041\u2028", "⟨E0041⟩⟨2028⟩"),
        ("👩\u200d👩\u200d👧 ❤\ufe0f 1\ufe0f\u20e3", "👩\u200d👩\u200d👧 ❤\ufe0f 1\ufe0f\u20e3"),
        ("a\u200db x\ufe0f", "a⟨200D⟩b x⟨FE0F⟩"),
        ("e" + "\u0301" * 1000, "e\u0301\u0301\u0301⟨+997⟩"),
        ("Ünïcödé 名前 ไม้ é", "Ünïcödé 名前 ไม้ é"),
    ],
)
def test_what_is_not_plainly_visible_becomes_a_sign(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_lines_keep_newlines_and_tabs() -> None:
    assert safe("a\tb\nc\r\x1b", lines=True) == "a\tb\nc␍␛"


@given(st.text(alphabet=st.characters(), max_size=60))
@settings(deadline=None, max_examples=300)
def test_no_control_character_survives(text: str) -> None:
    for character in safe(text):
        assert unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp")
        assert not "\u200b" <= character <= "\u200f" or character == "\u200d"
        assert not "\u202a" <= character <= "\u202e"
        assert not "\u2060" <= character <= "\u206f"
    assert safe(safe(text)) == safe(text)


def test_only_colours_and_emphasis_of_a_log_line_are_honoured() -> None:
    pieces = ansi_line("\x1b[1;31mbad\x1b[0m ok \x1b]8;;http://x\x1b\\l\x1b[2J\x1b[38;5;200mp\x1b[48;2;1;2;3mq\x1b[99999999mr\n", SIXTEEN)
    assert "".join(text for text, _ in pieces) == "bad ok ␛]8;;http://x␛\\l␛[2Jpqr"
    styles = dict(pieces)
    assert (styles["bad"].bold, styles["bad"].color) == (True, RichColor.from_ansi(1))
    assert styles["p"].color == RichColor.from_ansi(200)
    assert styles["q"].bgcolor == RichColor.from_rgb(1, 2, 3)


def test_colours_end_with_the_line_and_the_sixteen_come_from_the_widget() -> None:
    assert ansi_line("\x1b[30mx", SIXTEEN) == [("x", Style(color=RED))]
    assert ansi_line("y", SIXTEEN) == [("y", Style.null())]


@given(st.lists(st.sampled_from(["\x1b[", "\x1b", "38;", "5;", "2;", "1", "300", ";", ":", "m", "x", "\x9b", "48;", "\n"]), max_size=25))
@settings(deadline=None)
def test_any_escape_soup_is_parsed(parts: list[str]) -> None:
    for text, _ in ansi_line("".join(parts), SIXTEEN):
        assert text.isprintable()


def test_the_net_keeps_the_width_of_a_line() -> None:
    segments = [Segment("a\x1b[2Jb"), Segment("\u202exyz", Style(bold=True)), Segment("tail")]
    made = SafeFilter().apply(segments, Color.parse("black"))
    assert sum(segment.cell_length for segment in made) == sum(segment.cell_length for segment in segments)
    assert all(segment.text.isprintable() for segment in made)
    plain = [Segment("plain ●")]
    assert SafeFilter().apply(plain, Color.parse("black")) is plain


async def test_the_net_is_under_every_widget() -> None:
    label = Label("\n".join(text.replace("\n", "") for text in HOSTILE), markup=False)
    label.border_title = "x"
    label.styles.border = ("round", "red")
    app = LineApp(label)
    install(app)
    install(app)
    async with app.run_test(size=(60, 24)):
        strips = label.render_lines(label.size.region)
        assert "␛" in "".join(strip.text for strip in strips)
        for strip in strips:
            assert all(character.isprintable() or character in "\u200d\ufe0f" for character in strip.text), ascii(strip.text)
