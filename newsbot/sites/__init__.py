"""A site is data: the seeds, their checks, and what a crawl asks of them."""
