"""What makes a dialog a question: the type of its answer. No Textual here, so that the model can speak of it."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Answers(Generic[T]):
    """A modal question that is answered with a T or, when it is left, with None."""
