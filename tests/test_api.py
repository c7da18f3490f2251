"""The public Python API: what it promises, on a real store."""

import gzip
import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import newsbot
from newsbot.errors import ConfigError, FixityError, NewsbotError, ObjectMissing
from newsbot.layout import RunRef
from tests.acceptance.conftest import Bench
from tests.commands import ROOT
from tests.landed import rewrite

EARLY, LATE = date(2000, 1, 1), date(2100, 1, 1)
HTML = """<html lang="en"><head><title>Harvest is in</title></head><body><article>
<h1>Harvest is in</h1><p>The harvest on the northern plain has been brought in, a week before the
rain that farmers had feared, the ministry said on Monday.</p></article></body></html>"""


def test_importing_it_loads_nothing_and_all_names_are_there() -> None:
    program = (
        "import sys, newsbot; before = set(sys.modules)\n"
        "assert not {'newsbot.api', 'pydantic', 'lxml', 'scrapy', 'boto3'} & before\n"
        "assert dir(newsbot) == sorted(newsbot.__all__)\n"
        "[getattr(newsbot, name) for name in newsbot.__all__]\n"
        "assert not {'scrapy', 'twisted.internet', 'pandas'} & set(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    with pytest.raises(AttributeError, match="nothing_of_that_name"):
        _ = newsbot.nothing_of_that_name


def test_an_archive_needs_no_configuration(landed: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that has nothing to do with reading, and is wrong, keeps nobody from reading."""
    monkeypatch.setenv("NEWSBOT_WORKERS", "abc")
    archive = newsbot.open_archive(landed.store_url)
    article = next(archive.articles(site="antara"))
    on_mobile = article.canonical_url.replace("//www.", "//m.").replace(".com/", ".com/amp/")
    tracked = f"{on_mobile}?utm_source=antaranews"
    assert next(archive.revisions(tracked)).id == article.id
    assert newsbot.load_site(ROOT / "seeds" / "antara.toml").name == "antara"


def test_runs_and_articles_of_days_and_sites(landed: Bench) -> None:
    archive = newsbot.open_archive(landed.store_url)
    assert [run.ref for run in archive.runs(site="antara")] == landed.runs("antara")
    assert sum(run.manifest.counts["articles"] for run in archive.runs()) == len(
        list(archive.articles())
    )
    articles = list(archive.articles(EARLY, LATE, "rakyatnews"))
    assert [one.model_dump(mode="json", by_alias=True) for one in articles] == landed.articles(
        "rakyatnews"
    )
    assert not list(archive.articles(until=EARLY))
    assert not list(archive.runs(since=LATE))


def test_latest_gives_each_article_once(landed: Bench) -> None:
    archive = newsbot.open_archive(Path(landed.store_url))
    every = [one.canonical_url for one in archive.articles(site="antara")]
    latest = [one.canonical_url for one in archive.articles(site="antara", latest=True)]
    assert sorted(latest) == sorted(set(every))


def test_one_article(landed: Bench) -> None:
    archive = newsbot.open_archive(landed.store_url)
    article = next(archive.articles(site="antara"))
    assert [one.id for one in archive.revisions(article.canonical_url)][-1] == article.id
    capture = next(archive.captures(article.url))
    record = archive.record(capture)
    assert record.startswith(b"WARC/1.1\r\n")
    assert record == archive.record(article.sources[0])
    assert article.sources[0].record_id.encode() in record
    with pytest.raises(NewsbotError, match="no revision or capture is in"):
        list(archive.revisions("https://www.antaranews.com/berita/1/none"))
    lost = article.sources[0].model_copy(update={"file": "NEWSBOT-antara-x.warc.gz"})
    with pytest.raises(ObjectMissing):
        archive.record(lost)


def test_runs_that_did_not_land_or_are_damaged_hide_no_site(copy: Bench) -> None:
    (whole,) = copy.runs("antara")[-1:]
    for run, manifest in (("20990101T000000Z-aaaaaa", None), ("20990102T000000Z-bbbbbb", b"{")):
        folder = Path(copy.store_url, RunRef(date(2099, 1, 1), "antara", run).prefix)
        (folder / "warc").mkdir(parents=True)
        (folder / "warc" / "NEWSBOT-x.warc.gz").write_bytes(b"")
        if manifest is not None:
            (folder / "manifest.json").write_bytes(manifest)
    archive = newsbot.open_archive(copy.store_url)
    article = next(archive.articles(until=whole.date, site="antara"))
    on_mobile = article.canonical_url.replace("//www.", "//m.").replace(".com/", ".com/amp/")
    with pytest.raises(ObjectMissing, match="bbbbbb/articles"):
        list(archive.revisions(on_mobile))  # the site's rules are known; the damaged run is named


def test_a_downloaded_part_gives_what_it_has(landed: Bench, tmp_path: Path) -> None:
    article = next(newsbot.open_archive(landed.store_url).articles(site="antara"))
    done = landed.newsbot(
        "download", "2000-01-01..2100-01-01", "--only", "articles", "--to", str(tmp_path / "part")
    )
    assert done.returncode == 0, done.stderr
    part = newsbot.open_archive(tmp_path / "part")
    assert [one.id for one in part.revisions(article.canonical_url)][-1] == article.id
    assert len(part.to_pandas()) > 0
    with pytest.raises(ObjectMissing, match=r"index\.cdxj"):
        next(part.captures(article.canonical_url))


def test_a_table_of_articles(landed: Bench) -> None:
    archive = newsbot.open_archive(landed.store_url)
    table = archive.to_pandas(site="antara")
    assert len(table) == len({one.canonical_url for one in archive.articles(site="antara")})
    assert list(table.columns)[:3] == ["schema", "id", "url"]
    assert str(table["published_at"].dt.tz) == "UTC"
    assert archive.to_pandas(until=EARLY).empty


def test_damage_is_found_and_never_returned(copy: Bench) -> None:
    archive = newsbot.open_archive(copy.store_url)
    assert not list(archive.verify())
    ref = copy.runs("antara")[0]
    path = Path(copy.store_url, ref.prefix, "articles.jsonl.gz")
    path.write_bytes(path.read_bytes()[:-1])
    assert any("articles.jsonl.gz" in fault.file for fault in archive.verify(site="antara"))
    assert not list(archive.verify(site="rakyatnews"))
    with pytest.raises(FixityError):
        list(archive.articles())


def test_a_forged_article_whose_sums_fit_is_found_by_reading_its_page(copy: Bench) -> None:
    folder = Path(copy.store_url, copy.runs("antara")[0].prefix)
    lines = gzip.decompress((folder / "articles.jsonl.gz").read_bytes()).splitlines()
    forged = json.loads(lines[0])
    forged["section"] = "Ramalan"
    lines[0] = json.dumps(forged, ensure_ascii=False).encode()
    rewrite(folder, "articles.jsonl.gz", gzip.compress(b"\n".join(lines) + b"\n", mtime=0))
    archive = newsbot.open_archive(copy.store_url)
    # The forger left the chain alone: the next run names another manifest.
    assert all("chain" in fault.what for fault in archive.verify(site="antara"))
    found = [f for f in archive.verify(site="antara", deep=True) if forged["url"] in f.detail]
    assert ["section" in fault.what + fault.detail for fault in found] == [True], found


def test_a_store_that_is_not_there() -> None:
    with pytest.raises(ConfigError, match="is not a store"):
        newsbot.open_archive("ftp://somewhere/else")


def test_a_page_is_extracted_by_evidence_or_by_a_sites_rules() -> None:
    at = datetime(2025, 3, 1, tzinfo=UTC)
    found = newsbot.extract_page(HTML, url="https://plain.example/harvest", fetched_at=at)
    assert (found.kind, found.articles[0].title) == ("article", "Harvest is in")
    again = newsbot.extract_page(
        HTML.encode(), url="https://plain.example/harvest", fetched_at=at + timedelta(0)
    )
    assert again == found
    url = "https://www.antaranews.com/berita/4682001/panen"
    antara = newsbot.extract_page(HTML, url=url, site="antara", fetched_at=at)
    assert antara.articles[0].id == "www.antaranews.com:article:4682001"
    by_path = newsbot.load_site(ROOT / "seeds" / "antara.toml")
    assert newsbot.extract_page(HTML, url=url, site=by_path, fetched_at=at) == antara


@pytest.mark.parametrize(
    "url", ["https://my_host.example/x", "http://[2001:db8::1]/x", "https://bücher.example/x"]
)
def test_any_host_will_do(url: str) -> None:
    at = datetime(2025, 3, 1, tzinfo=UTC)
    found = newsbot.extract_page(HTML, url=url, fetched_at=at)
    assert found.articles[0].title == "Harvest is in"


def test_a_later_page_of_a_list_is_read_by_its_lists_rules() -> None:
    site = newsbot.load_site(ROOT / "seeds" / "antara.toml")
    item = '<div class="card__post"><h2><a href="/berita/77/satu-judul">Satu judul</a></h2></div>'
    page = f"<html><body>{item}</body></html>"
    start = site.lists[0].url
    first = newsbot.extract_page(page, url=start, site=site, role="list")
    second = newsbot.extract_page(
        page, url="https://www.antaranews.com/elsewhere", site=site, role="list",
        position=newsbot.ListPosition(start, 2),
    )  # fmt: skip
    assert first.links == second.links
    assert (first.next_page, second.next_page) == (f"{start}/2", f"{start}/3")


def test_a_list_is_read_as_the_list_that_was_asked_for() -> None:
    page = '<html><body><a href="/berita/77/satu-judul">Satu judul</a></body></html>'
    url = "https://www.antaranews.com/terkini"
    found = newsbot.extract_page(page, url=url, site="antara", role="list")
    assert found.kind == "list"
    assert found.links[0].hints.title == "Satu judul"


def test_arguments_that_cannot_be_used() -> None:
    with pytest.raises(ValueError, match="time zone"):
        newsbot.extract_page(HTML, url="https://x.example/", fetched_at=datetime(2025, 1, 1))  # noqa: DTZ001
    for role in ("robots", "nonsense"):
        with pytest.raises(ValueError, match="is none of feed, sitemap"):
            newsbot.extract_page(HTML, url="https://x.example/", role=role)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="no site 'nowhere'"):
        newsbot.extract_page(HTML, url="https://x.example/", site="nowhere")
