"""Label selectors: which labels they choose, and how kubectl writes them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tui.kinds.kubernetes.common import NONE


class Requirement(msgspec.Struct, frozen=True, gc=False):
    """One of `matchExpressions`."""

    key: str = ""
    operator: str = ""
    values: tuple[str, ...] | None = ()

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Tell whether labels meet it; NotIn is met where the label lacks. An unknown operator is met by nothing."""
        match self.operator:
            case "In":
                return self.key in labels and labels[self.key] in (self.values or ())
            case "NotIn":
                return self.key not in labels or labels[self.key] not in (self.values or ())
            case "Exists":
                return self.key in labels
            case "DoesNotExist":
                return self.key not in labels
            case _:
                return False

    def text(self) -> str:
        """Return it as kubectl writes it: `tier in (a,b)`, `!canary`."""
        match self.operator:
            case "Exists":
                return self.key
            case "DoesNotExist":
                return f"!{self.key}"
            case _:
                return f"{self.key} {self.operator.lower()} ({','.join(sorted(self.values or ()))})"


class Selector(msgspec.Struct, frozen=True, gc=False):
    """A label selector with all its semantics: labels and expressions, and all of them must fit."""

    matchLabels: dict[str, str] | None = None  # noqa: N815
    matchExpressions: tuple[Requirement, ...] | None = None  # noqa: N815

    def fits(self, labels: Mapping[str, str]) -> bool:
        """Tell whether labels are chosen. An empty selector chooses everything."""
        wanted = self.matchLabels or {}
        return all(labels.get(key) == value for key, value in wanted.items()) and all(
            item.fits(labels) for item in self.matchExpressions or ()
        )

    def text(self) -> str:
        """Return it as kubectl writes it, by key."""
        terms = [(key, 0, f"{key}={value}") for key, value in (self.matchLabels or {}).items()]
        terms += [(item.key, at, item.text()) for at, item in enumerate(self.matchExpressions or (), 1)]
        return ",".join(term for _, _, term in sorted(terms))


def chosen(selector: Selector | None, labels: Mapping[str, str]) -> bool:
    """Tell whether a workload's selector chooses these labels; no selector chooses nothing."""
    return selector is not None and selector.fits(labels)


def selector_text(selector: Selector | None, empty: str = NONE) -> str:
    """Return the SELECTOR cell."""
    return (selector.text() if selector else "") or empty
