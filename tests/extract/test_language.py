"""What language an article is in, by its words, its page and its site."""

import subprocess
import sys

import pytest

from newsbot.extract.language import language_of

INDONESIAN = "Puluhan relawan membagikan selimut kepada warga di Batu Bening, Sabtu pagi."
ENGLISH = "Dozens of volunteers handed out blankets to the people of Batu Bening on Saturday."
NAMES = "Rahmat Kusuma Wardana, Bengkulu Selatan, Nusa Tenggara Timur, Kalimantan Barat"


@pytest.mark.parametrize(
    ("text", "declared", "usual", "language"),
    [
        (INDONESIAN, "id", "id", "id"),
        (INDONESIAN, "en", "en", "id"),
        (INDONESIAN, None, None, "id"),
        (ENGLISH, "in-ID", "id", "en"),  # the template's word is about the site
        (ENGLISH, None, "id", "en"),
        ("Suasana pasar.", "id", "id", "id"),
        ("Suasana pasar.", None, "en", "en"),
    ],
)
def test_the_text_counts_for_more_than_what_page_and_site_say(
    text: str, declared: str | None, usual: str | None, language: str
) -> None:
    assert language_of(text, declared, usual) == language


def test_the_model_is_loaded_only_where_words_do_not_tell() -> None:
    asked = (
        "import sys; from newsbot.extract.language import language_of;"
        f"assert language_of({NAMES + ' di'!r}, 'id', 'id') == 'id';"
        "assert 'py3langid.langid' not in sys.modules;"
        f"language_of({NAMES!r}, 'id', 'id');"
        "assert 'py3langid.langid' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", asked], check=True, timeout=600)
