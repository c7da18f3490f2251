"""One crawl: its record, its lock, its outcome and its landing."""
