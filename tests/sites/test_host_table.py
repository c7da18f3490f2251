"""The seeds that are made from a table of hosts: those of ANTARA, and what a table may not have."""

from collections import Counter
from pathlib import Path

import pytest
from cssselect import HTMLTranslator

from newsbot.errors import ConfigError
from newsbot.extract.urls import article_id, canonical_url
from newsbot.sites.host_table import MARK, outdated, seeds_of
from newsbot.sites.loading import load_sites, site_of

SEEDS = Path(__file__).parent.parent.parent / "seeds"
MADE = seeds_of(SEEDS / "tables" / "antara.toml")
SITES = load_sites(SEEDS)
REGIONAL = sorted(MADE.keys() - {"antara-en"})

TABLE = """template = "kabar.template"
[defaults]
feed = "https://@{host}/rss"
[sites.kabar-aceh]
host = "aceh.kabar.example"
[sites.kabar-bali]
host = "bali.kabar.example"
feed = "https://@{host}/feed"
"""
TEMPLATE = f"""{MARK} from a table.
name = "@{{name}}"
title = "Kabar"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["@{{host}}"]
feeds = ["@{{feed}}"]
[urls]
article = '^/(?P<number>\\d+)(/|$)'
"""


def write(folder: Path, table: str = TABLE, template: str = TEMPLATE) -> Path:
    (folder / "kabar.template").write_text(template)
    path = folder / "kabar.toml"
    path.write_text(table)
    return path


def test_the_seeds_are_those_that_the_table_gives() -> None:
    """If this fails: `newsbot sites generate seeds/tables/antara.toml`."""
    assert list(outdated(MADE, SEEDS)) == []
    assert len(REGIONAL) == 32
    assert all("it is known (A: " in text for text in MADE.values())


@pytest.mark.parametrize("name", REGIONAL)
def test_an_article_has_one_address_however_it_is_linked(name: str) -> None:
    site = SITES[name]
    (host,) = site.hosts
    plain = f"https://{host}/berita/364417/dua-puluh-warga"
    assert canonical_url(plain, site) == plain
    assert article_id(plain, site) == f"{host}:article:364417"
    for other in (
        f"https://{host}/amp/berita/364417/dua-puluh-warga",
        f"http://{host}/berita/364417/dua-puluh-warga",
        f"{plain}?utm_source=antaranews&utm_medium=desktop&utm_campaign=terkini",
    ):
        assert site.is_article(other)
        assert SITES.owner(other) is site
        assert canonical_url(other, site) == plain


def test_no_host_belongs_to_two_seeds_so_no_number_to_two_articles() -> None:
    hosts = Counter(host for site in SITES.values() for host in site.hosts)
    assert {host for host, number in hosts.items() if number > 1} == set()
    ids = {article_id(f"https://{SITES[name].hosts[0]}/berita/1/x", SITES[name]) for name in MADE}
    assert len(ids) == len(MADE)


def test_hosts_are_scheduled_when_asked_for_and_no_two_in_the_same_minute(tmp_path: Path) -> None:
    assert {name for name in MADE if SITES[name].schedule} == {"antara-en", "antara-megapolitan"}
    table = (SEEDS / "tables" / "antara.toml").read_text()
    (tmp_path / "antara.template").write_text((SEEDS / "tables" / "antara.template").read_text())
    (tmp_path / "all.toml").write_text(table.replace('off = "#"', 'off = ""'))
    sites = [site_of(text, name) for name, text in seeds_of(tmp_path / "all.toml").items()]
    schedules = [site.schedule for site in sites if site.schedule]
    turns = Counter(turn for one in schedules for turn in _turns(one.cron))
    assert len(turns) == 24 * 3 + 31 * 12
    assert max(turns.values()) == 1
    assert {one.time_zone for one in schedules} == {"Asia/Jakarta"}


def _turns(cron: str) -> list[tuple[int, int]]:
    """Return hours and minutes of an expression such as ``10,40 * * * *`` or ``2 1-23/2 * * *``."""
    minutes, hours, *_ = cron.split()
    first, _, step = hours.partition("-23/") if hours != "*" else ("0", "", "1")
    return [(h, int(m)) for h in range(int(first), 24, int(step)) for m in minutes.split(",")]


def test_selectors_that_seeds_share_are_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    translate = HTMLTranslator.css_to_xpath

    def counted(self: HTMLTranslator, css: str, prefix: str = "") -> str:
        asked.append(css)
        return str(translate(self, css, prefix))

    monkeypatch.setattr(HTMLTranslator, "css_to_xpath", counted)
    load_sites(SEEDS)
    assert len(asked) < len(SITES), "a few that are checked where they stand, as in wait_for"


@pytest.mark.parametrize(
    ("table", "template", "expected"),
    [
        (("host =", "hots ="), ("", ""), "sites.kabar-aceh.hots: neither the template nor a value"),
        (('host = "aceh.kabar.example"', ""), ("", ""), "sites.kabar-aceh: host: missing; give it"),
        (("aceh.kabar", "ACEH.kabar"), ("", ""), "kabar-aceh: hosts[0]: 'ACEH.kabar.example'"),
        (("kabar.template", "no.template"), ("", ""), "no.template: cannot be read: No such file"),
        (("aceh.kabar", "aceh\\nkabar"), ("", ""), "sites.kabar-aceh.host: String should match"),
        (("[defaults]", "colour = 1\n[defaults]"), ("", ""), "colour: unknown key"),
        (("[defaults]", "[defaults"), ("", ""), "kabar.toml: not valid TOML"),
        (("", ""), (MARK, "# Made"), "kabar.template: give it a line that begins: # Made by"),
        (("", ""), ('name = "@{name}"', 'name = "x"'), 'must have name = "@{name}"'),
    ],
)  # fmt: skip
def test_a_mistake_in_a_table_is_refused_with_its_place(
    tmp_path: Path, table: tuple[str, str], template: tuple[str, str], expected: str
) -> None:
    path = write(tmp_path, TABLE.replace(*table, 1), TEMPLATE.replace(*template, 1))
    with pytest.raises(ConfigError) as caught:
        seeds_of(path)
    assert expected in str(caught.value)
    assert str(tmp_path) in str(caught.value)
