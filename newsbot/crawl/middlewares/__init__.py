"""Scrapy's downloader middlewares, under Scrapy's names, as newsbot wants them."""
