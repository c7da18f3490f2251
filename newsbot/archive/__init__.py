"""Landed runs: manifests, reading, verification, download and export."""
