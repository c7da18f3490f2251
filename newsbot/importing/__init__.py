"""Imports of other people's captures: a WARC or WACZ file becomes a landed run."""
