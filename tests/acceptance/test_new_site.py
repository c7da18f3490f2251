"""A site is added with its home page alone: a drafted seed finds all its stories, each once."""

from datetime import datetime
from pathlib import Path

from tests.acceptance.conftest import Bench
from tests.doctor.small_sites import JAKARTA, served, stories, wordpress


def test_a_seed_drafted_from_the_home_page_finds_all_stories(tmp_path: Path) -> None:
    seed = tmp_path / "dermaga.toml"
    user = Bench(str(tmp_path / "archive"), tmp_path / "var", {"NEWSBOT_PRIVATE_ADDRESSES": "1"})
    with served(wordpress) as base:
        done = user.newsbot("sites", "new", base, "--delay", "0", "--to", str(seed))
        assert done.returncode == 0, done.stdout + done.stderr
        assert "tried on 5 articles, 5 right" in done.stdout
        assert f"newsbot crawl {seed} --limit 5" in done.stdout
        again = user.newsbot("sites", "new", base, "--to", str(seed))
        assert (again.returncode, "exists and is not overwritten" in again.stderr) == (2, True)
        live = user.newsbot("sites", "check", "--live", str(seed))
        assert live.returncode == 0, live.stdout + live.stderr
        done = user.crawl("publisher", f"site={seed}")
        assert done.returncode == 0, done.stdout + done.stderr
    found = sorted((one["title"], _day(one["published_at"])) for one in user.articles())
    wanted = stories(60, lambda one: one.slug)
    assert found == sorted((one.title, one.published.date().isoformat()) for one in wanted)


def _day(at: str) -> str:
    return datetime.fromisoformat(at).astimezone(JAKARTA).date().isoformat()
