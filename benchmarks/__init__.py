"""Measurements, side by side in one run; each prints ratios, since absolute times drift."""

LONG = False  # --long: more rounds and larger sizes, for the numbers in docs/performance.md
