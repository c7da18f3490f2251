"""Processes that read pages, so that a crawl's own core is free for the network."""
