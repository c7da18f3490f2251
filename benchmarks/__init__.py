"""Measurements, side by side in one run; each prints ratios, since absolute times drift."""
