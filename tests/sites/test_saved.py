"""The built-in site of saved pages: any host, no rules, and a name that no seed may take."""

from pathlib import Path

import pytest

from newsbot.errors import ConfigError
from newsbot.extract import canonical_url
from newsbot.sites.loading import Sites, find_site, load_site, site_of
from newsbot.sites.saved import saved_site
from tests.sites.test_site import GOOD, SEEDS, write


def test_pages_of_any_host_keep_the_address_that_they_have() -> None:
    site = saved_site()
    assert site.owns("http://[2001:db8::1]:8080/")
    assert canonical_url("http://x.example/view?id=2#part", site) == "http://x.example/view?id=2"


def test_its_seed_can_be_read_from_a_manifest() -> None:
    assert site_of(saved_site().seed_text, "a manifest") == saved_site()


def test_no_address_belongs_to_it() -> None:
    assert Sites([saved_site()]).owner("https://x.example/77") is None


def test_a_seed_can_not_take_its_name_or_its_hosts(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"x.toml: name: 'saved' is the built-in site"):
        load_site(write(tmp_path, GOOD.replace('"x"', '"saved"', 1)))
    with pytest.raises(ConfigError, match=r"hosts: '\*' is for pages that are saved"):
        load_site(write(tmp_path, GOOD.replace('["x.example"]', '["*"]')))


def test_it_can_not_be_crawled() -> None:
    with pytest.raises(ConfigError, match="`newsbot save URL` fetches them"):
        find_site("saved", SEEDS)
