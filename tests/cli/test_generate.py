"""`newsbot sites generate`: seeds from a table of hosts."""

from pathlib import Path

from newsbot.sites.loading import load_sites
from tests.cli.conftest import Newsbot
from tests.sites.test_host_table import write


def test_generate_writes_what_differs_and_no_seed_written_by_hand(
    tmp_path: Path, newsbot: Newsbot
) -> None:
    table, seeds = write(tmp_path), tmp_path / "seeds"
    command = ("sites", "generate", str(table), "--to", str(seeds))
    assert newsbot(*command, "--check").returncode == 3
    assert newsbot(*command).returncode == 0
    assert set(load_sites(seeds)) == {"kabar-aceh", "kabar-bali"}
    (feed,) = load_sites(seeds)["kabar-bali"].feeds
    assert feed.url == "https://bali.kabar.example/feed"

    (seeds / "kabar-aceh.toml").write_text("# mine\n")
    refused = newsbot(*command)
    assert refused.returncode == 2, refused.stderr
    assert "kabar-aceh.toml: was not made from a table, and is not overwritten" in refused.stderr
    assert (seeds / "kabar-aceh.toml").read_text() == "# mine\n"
