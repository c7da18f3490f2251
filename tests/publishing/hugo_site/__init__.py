"""A site made by Hugo, with the theme that ``hugo new theme`` makes, Open Graph and schema.org."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from replica.pictures import jpeg
from tests.publishing.stories import Story

_HERE = Path(__file__).parent


def build(folder: Path, stories: list[Story]) -> Path:
    """Write the stories in Markdown and have Hugo make the site; return its root."""
    site = folder / "site"
    if not site.exists():
        _hugo(folder, "new", "site", str(site))
        _hugo(site, "new", "theme", "quay")
        shutil.rmtree(site / "themes" / "quay" / "content")
        shutil.copytree(_HERE / "layouts", site / "layouts", dirs_exist_ok=True)
        shutil.copy(_HERE / "hugo.toml", site / "hugo.toml")
    shutil.rmtree(site / "content")
    (site / "content").mkdir()
    (site / "content" / "about.md").write_text(
        '+++\ntitle = "About us"\n+++\nWe live by the quay.\n'
    )
    for story in stories:
        page = site / "content" / story.section.lower() / story.slug / "index.md"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(_markdown(story))
        if story.caption is not None:
            (page.parent / "feature.jpg").write_bytes(jpeg(story.slug))
    _hugo(site, "--destination", str(folder / "public"), "--cleanDestinationDir", "--quiet")
    return folder / "public"


def _hugo(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "hugo", *arguments]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def _markdown(story: Story) -> str:
    head = [
        f"title = {json.dumps(story.title)}",
        f"date = {story.published.isoformat()}",
        f"tags = {json.dumps(story.tags)}",
        f"[params]\nauthor = {json.dumps(story.author)}",
    ]
    if story.modified is not None:
        head.insert(2, f"lastmod = {story.modified.isoformat()}")
    lead, *others = story.paragraphs
    if story.caption is not None:
        others.insert(0, f"![{story.caption}](feature.jpg)")
    return "\n".join(["+++", *head, "+++"]) + "\n" + "\n\n".join([lead, *others]) + "\n"
