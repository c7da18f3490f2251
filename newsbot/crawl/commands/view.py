"""``scrapy view`` outside a run."""

from scrapy.commands.view import Command as _Command

from newsbot.crawl.commands._without_run import WithoutRun


class Command(WithoutRun, _Command):
    """Scrapy's command, which records nothing."""
