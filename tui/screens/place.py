"""Places a person can be at, and the way back."""

from __future__ import annotations

from msgspec import Struct, field

from tui.model import Kind, Target


class Place(Struct, frozen=True):
    """A kind in a namespace ("" = all), narrowed by a filter, and by the object a person drilled in from."""

    kind: Kind
    namespace: str = ""
    filter: str = ""
    origin: Target | None = None


class Trail(Struct):
    """Where a person was: `[` goes back, `]` forward, `-` to the last place and back again."""

    places: list[Place] = field(default_factory=list)
    at: int = -1

    def go(self, place: Place) -> None:
        """Add a place behind the present one; what lay ahead is forgotten."""
        del self.places[self.at + 1 :]
        self.places.append(place)
        self.at = len(self.places) - 1

    def here(self, place: Place) -> None:
        """Change the present place (its filter, its namespace)."""
        if self.at >= 0:
            self.places[self.at] = place

    def back(self) -> Place | None:
        """Go one back, or stay and return None."""
        if self.at <= 0:
            return None
        self.at -= 1
        return self.places[self.at]

    def forward(self) -> Place | None:
        """Go one forward, or stay and return None."""
        if self.at + 1 >= len(self.places):
            return None
        self.at += 1
        return self.places[self.at]

    def last(self) -> Place | None:
        """Go to the place before this one, as a new step, so that the next `last` returns."""
        if self.at < 1:
            return None
        place = self.places[self.at - 1]
        self.go(place)
        return place
