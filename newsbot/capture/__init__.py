"""Capture below Scrapy: every exchange as it was on the wire, written to WARC files."""
