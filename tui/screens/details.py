"""The details pane: what there is to know about the row under the cursor, beside or below the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Container, Vertical
from textual.content import Content
from textual.events import Click
from textual.reactive import reactive
from textual.widgets import Static

from tui.facts import GLYPHS, Ref
from tui.kinds import kinds
from tui.model import Host, Target, View
from widgets.bars import Line
from widgets.words import words

if TYPE_CHECKING:
    from tui.views.pane import ObjectPane


class ViewTabs(Static):
    """The names of the views an object has; a click chooses one."""

    active: reactive[int] = reactive(0)
    views: reactive[tuple[View, ...]] = reactive(())

    def render(self) -> Content:
        """Return the names in one line, the active one on a ground of its own."""
        return words(
            *(
                words((f" {self.views[index].title} ", "name bold on cursor" if index == self.active else "muted"), " " * gap)
                for index, _, gap in self._spans()
            )
        )

    def _spans(self) -> list[tuple[int, int, int]]:
        """Return (view, where it ends, gap behind it) of the names shown: closer where room lacks, and from a later one on if need be."""
        titles = [len(view.title) + 2 for view in self.views]
        gap = 1 if sum(titles) + len(titles) <= self.size.width else 0
        first = 0
        while first < self.active and sum(titles[first : self.active + 1]) > self.size.width:
            first += 1
        return [(index, sum(titles[first : index + 1]) + gap * (index - first + 1), gap) for index in range(first, len(titles))]

    def on_click(self, event: Click) -> None:
        """Choose the view under the pointer."""
        for index, end, _ in self._spans():
            if event.x < end:
                self.active = index
                return


class Details(Vertical):
    """Follows the cursor: title, owners, view names, and the view. In a small window only the line of what is wrong."""

    def __init__(self, host: Host, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._host = host
        self.target: Target | None = None
        self._panes: dict[View, ObjectPane] = {}

    def on_mount(self) -> None:
        """Lay out the head and the place for the views when the screen is painted: until then there is no row to show."""
        self.call_after_refresh(self._furnish)

    def _furnish(self) -> None:
        tabs = ViewTabs("", id="view-tabs")
        self.mount(Line(id="wrong"), Line(id="title"), Line(id="owners"), tabs, Container(id="views"))
        self.watch(tabs, "active", self._chosen, init=False)
        self.show(self.target)

    def show(self, target: Target | None) -> None:
        """Show another object, or news of the same one."""
        other = target is None or self.target is None or target.kind is not self.target.kind
        self.target = target
        if not self.children:
            return
        self.query_one("#title", Line).say(self._title(target))
        self.query_one("#owners", Line).say(self._owners(target))
        self.query_one("#wrong", Line).say(self._wrong(target))
        tabs = self.query_one(ViewTabs)
        if target is None:
            tabs.views = ()
            self._clear()
            return
        if other:
            tabs.views = target.kind.views
            with tabs.prevent():
                tabs.set_reactive(ViewTabs.active, 0)
            tabs.refresh()
            self._clear()
        if self.display and not self.has_class("-line"):
            self._place()

    def _place(self) -> None:
        """Make sure that the active view stands, and shows the present target."""
        target = self.target
        tabs = self.query_one(ViewTabs)
        if target is None or not tabs.views:
            return
        view = tabs.views[min(tabs.active, len(tabs.views) - 1)]
        for other, pane in self._panes.items():
            if other is not view:
                pane.stop()
                pane.display = False
        standing = self._panes.get(view)
        if standing is None:
            self._panes[view] = view.build(self._host, target)
            self.query_one("#views").mount(self._panes[view])
        else:
            again = not standing.display
            standing.display = True
            standing.show(target, fresh=again)

    def _clear(self) -> None:
        """Take the views of another kind away."""
        for pane in self._panes.values():
            pane.remove()
        self._panes.clear()

    def _chosen(self) -> None:
        self._place()

    def turn(self, step: int) -> None:
        """Go to the next or previous view."""
        tabs = self.query_one(ViewTabs)
        if tabs.views:
            tabs.active = (tabs.active + step) % len(tabs.views)

    @property
    def view(self) -> View | None:
        """Return the view that is shown."""
        tabs = self.query_one(ViewTabs)
        return tabs.views[tabs.active] if tabs.views else None

    def rest(self) -> None:
        """Stop asking engines: nobody sees the pane."""
        for pane in self._panes.values():
            pane.stop()

    @staticmethod
    def _title(target: Target | None) -> Content:
        return words("") if target is None else words((target.ref.name, "name bold"))

    @staticmethod
    def _owners(target: Target | None) -> Content:
        if target is None:
            return words("")
        from tui.views.facts import linked

        line = words("")
        for kind, name in target.kind.owners(target.object):
            word = one_of(kinds()[kind].title) if kind in kinds() else kind.partition("/")[2] or kind
            text = words((name, target.kind.family))
            link = linked(text, Ref(target.ref.engine, kind, target.ref.namespace, name, "")) if "/" in kind else text
            line = words(line, (f"{word} ", "faint"), link, (" › ", "faint"))
        return words(line, (one_of(target.kind.title), "faint"))

    @staticmethod
    def _wrong(target: Target | None) -> Content:
        if target is None:
            return words("")
        trouble = target.kind.trouble(target.object)
        if trouble is None:
            return words((f"{target.kind.singular} {target.ref.name}", "faint"))
        cause = trouble.cause or trouble.word
        return words((f"{GLYPHS[trouble.tone]} ", trouble.tone), (cause, "text"), (f"   {trouble.next}" if trouble.next else "", "muted"))


def one_of(title: str) -> str:
    """Return what one of a kind is called: ReplicaSets are made of a ReplicaSet, Ingresses of an Ingress."""
    return title.removesuffix("es") if title.endswith("sses") else title.removesuffix("s")
