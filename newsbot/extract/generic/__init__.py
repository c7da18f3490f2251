"""Heuristics for fields and pages that the seed has no rules for."""
