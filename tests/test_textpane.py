"""TextPane: colours what is seen, finds, wraps, and is not stalled by a text of any shape."""

from __future__ import annotations

import pytest

from tests.lineapp import HOSTILE, LineApp, drawn
from widgets.textpane import TextPane

YAML = "# a note\nkind: Pod\nmetadata:\n  name: web  # inline\nspec:\n  replicas: 3\n  paused: true\n  - image: nginx:1.27\n  text: |\n"


def tones(pane: TextPane, y: int) -> dict[str, str]:
    by_colour = {pane.tints.style(role).color: role for role in ("text", "faint", "accent", "strained")}
    return {segment.text: by_colour[segment.style.color] for segment in pane.draw_line(y) if segment.style and segment.text.strip()}


async def test_keys_words_and_comments_have_their_own_grey() -> None:
    pane = TextPane(YAML)
    async with LineApp(pane).run_test(size=(40, 12)):
        assert drawn(pane)[:4] == [" # a note", " kind: Pod", " metadata:", "   name: web  # inline"]
        assert tones(pane, 0) == {"# a note": "faint"}
        assert tones(pane, 1) == {"kind": "accent", ": Pod": "text"}
        assert tones(pane, 3)["# inline"] == "faint"
        assert tones(pane, 5)["3"] == "strained"
        assert tones(pane, 6)["true"] == "strained"
        assert tones(pane, 7)["- image"] == "accent"


async def test_search_and_copy() -> None:
    copied: list[str] = []
    pane = TextPane(YAML, copy=copied.append)
    async with LineApp(pane).run_test(size=(40, 4)) as pilot:
        assert pane.search("image")
        await pilot.pause()
        assert any(line.startswith("▎  - image") for line in drawn(pane))
        pane.copy_line()
        pane.copy_all()
        assert copied == ["  - image: nginx:1.27", YAML]
        assert pane.search("absent") is False
        assert pane.status == "9 lines"


async def test_a_new_text_keeps_the_place() -> None:
    pane = TextPane("\n".join(f"a{n}: 1" for n in range(100)))
    async with LineApp(pane).run_test(size=(40, 5)) as pilot:
        await pilot.press("pagedown", "pagedown")
        pane.set_text("\n".join(f"b{n}: 1" for n in range(100)))
        await pilot.pause()
        assert drawn(pane)[0] == " b8: 1"
        pane.set_text("short: 1")
        await pilot.pause()
        assert drawn(pane)[0] == " short: 1"


@pytest.mark.parametrize("wrap", [False, True])
async def test_one_line_of_a_mebibyte_is_cut_and_says_so(wrap: bool) -> None:
    pane = TextPane("data: " + "x" * 1_048_576, wrap=wrap)
    async with LineApp(pane).run_test(size=(40, 6)) as pilot:
        await pilot.press("G")
        for _ in range(2100 if not wrap else 0):
            pane.action_sideways(1)
        await pilot.pause()
        said = drawn(pane)[0] if not wrap else "".join(line.strip() for line in drawn(pane))
        assert said.replace("1,048,582", "").endswith("characters")


async def test_too_many_lines_are_cut_and_it_says_so() -> None:
    pane = TextPane("a\n" * 250_000)
    async with LineApp(pane).run_test(size=(50, 5)) as pilot:
        await pilot.press("G")
        await pilot.pause()
        assert drawn(pane)[-1] == " … 50,000 more lines are not shown"
        assert pane.status == "250,000 lines"


async def test_hostile_text_is_shown_and_never_obeyed() -> None:
    pane = TextPane("\n".join(HOSTILE))
    async with LineApp(pane).run_test(size=(80, 24)) as pilot:
        for _ in range(2):
            await pilot.pause()
            text = "\n".join(drawn(pane))
            assert "␛[2Jclear" in text
            assert "[@click=app.simulate_key('d')]x[/]" in text
            await pilot.press("w")
