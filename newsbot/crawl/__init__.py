"""What knows Scrapy: the command, the run's record, the middlewares."""
