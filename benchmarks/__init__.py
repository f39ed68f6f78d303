"""Benchmarks: each a script that prints ratios measured in one run; see README.md."""
