"""Widgets: they draw, and know nothing of containers."""
