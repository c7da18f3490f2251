"""A project that an older `newsbot init` wrote."""

from types import SimpleNamespace
from typing import Any

import pytest
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from newsbot.crawl.crawl import _spider_of
from newsbot.errors import ConfigError


def test_a_spider_that_it_lacks_is_named_with_what_to_do() -> None:
    process: Any = SimpleNamespace(spider_loader=SpiderLoader(Settings({"SPIDER_MODULES": []})))
    with pytest.raises(ConfigError, match="no spider 'saved'; write a new project with `newsbot i"):
        _spider_of(process, "saved")
