"""The WARC format: its records, how they are written, read and checked."""
