"""Amounts as Kubernetes writes them: "250m" of a core, "512Mi" of memory."""

from __future__ import annotations

from functools import cache

UNITS = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


@cache
def cores(text: object) -> float:
    """Return cores of cpu; 0 for what is no amount."""
    word = str(text)
    try:
        return float(word[:-1]) / 1000 if word.endswith("m") else float(word)
    except ValueError:
        return 0.0


@cache
def bytes_of(text: object) -> float:
    """Return bytes; 0 for what is no amount."""
    word = str(text)
    for unit in ("Ki", "Mi", "Gi", "Ti", "k", "M", "G", "T"):
        if word.endswith(unit):
            word = word.removesuffix(unit)
            break
    else:
        unit = ""
    try:
        return float(word) * UNITS.get(unit, 1)
    except ValueError:
        return 0.0
