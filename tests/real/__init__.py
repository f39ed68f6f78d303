"""Tests against real engines, which they start for themselves."""
