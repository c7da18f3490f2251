"""Processes that extract pages, so that a crawl's own core is free for the network."""
