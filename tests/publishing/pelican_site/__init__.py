"""A site made by Pelican, with its default theme, its sitemap plugin, and a box of new stories."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from replica.pictures import jpeg
from tests.publishing.stories import Story

_HERE = Path(__file__).parent


def build(folder: Path, stories: list[Story], picture: Callable[[str], bytes] = jpeg) -> Path:
    """Write the stories in Markdown and have Pelican make the site; return its root."""
    content = folder / "content"
    shutil.rmtree(content, ignore_errors=True)
    (content / "images").mkdir(parents=True)
    (content / "pages").mkdir()
    (content / "pages" / "tentang.md").write_text(_ABOUT)
    for story in stories:
        (content / f"{story.number}.md").write_text(_markdown(story))
        if story.caption is not None:
            (content / "images" / f"{story.number}.jpg").write_bytes(picture(story.slug))
    command = [
        sys.executable, "-m", "pelican", str(content), "--settings", str(_HERE / "pelicanconf.py"),
        "--output", str(folder / "output"), "--delete-output-directory",
        "--fatal", "errors", "--quiet",
    ]  # fmt: skip
    subprocess.run(command, cwd=folder, check=True)
    return folder / "output"


_ABOUT = """Title: Tentang Kami
Date: 2024-12-30 09:00

Kabar Hutan ditulis oleh redaksi kecil di tepi hutan. Surat pembaca dijawab setiap Senin.
"""


def _markdown(story: Story) -> str:
    head = [
        f"Title: {story.title}",
        f"Date: {story.published:%Y-%m-%d %H:%M}",
        f"Category: {story.section}",
        f"Tags: {', '.join(story.tags)}",
        f"Slug: {story.slug}",
        f"Author: {story.author}",
    ]
    if story.modified is not None:
        head.append(f"Modified: {story.modified:%Y-%m-%d %H:%M}")
    lead, *others = story.paragraphs
    if story.caption is not None:
        others.insert(0, f"![{story.caption}]({{static}}/images/{story.number}.jpg)")
    return "\n\n".join(["\n".join(head), lead, *others]) + "\n"
