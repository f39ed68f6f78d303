"""Contracts: what an engine does, tested on a real one and on the demo's in the same words."""
