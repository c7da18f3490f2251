"""From the addresses of articles to a pattern that takes them, and leaves the others."""

import re
from urllib.parse import urlsplit

import pytest

from newsbot.sites.article_pattern import article_pattern, kept_query, looks_like_article

HOST = "https://warta.example"
SECTIONS = ("kota", "desa", "laut", "pasar")


def urls(form: str, count: int = 40) -> list[str]:
    """Addresses made of a form with {n}, {month}, {section}, {word} and {slug}."""
    return [
        HOST + form.format(
            n=70_000 + n, month=f"{n % 12 + 1:02}", section=SECTIONS[n % 4],
            word="foto" if n % 5 == 0 else "berita", slug=f"judul-ke-{'abcdefghij'[n % 10]}{n}x",
        )
        for n in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("form", "others", "unseen", "none"),
    [
        ("/2025/{month}/{slug}.html", ("/2025/02/",), "/2026/01/x.html", "/rubrik/kota.html"),
        (
            "/{section}/{slug}/",
            ("/kota/", "/tag/hujan/"),
            "/laut/satu/",
            "/tag/hujan-deras-di-kota/",
        ),
        (
            "/{slug}/",
            ("/kontak/", "/kami-dan-redaksi-kami/"),
            "/a-b-c-d/",
            "/kami-dan-redaksi-kami/",
        ),
        ("/berita/{n}/{slug}", ("/tag/x",), "/berita/5", "/tag/5"),
        ("/{section}/{slug}-{n}.html", ("/kota/",), "/pasar/apa-99123.html", "/pasar/apa.html"),
        ("/{word}/{n}/{slug}", ("/tag/x",), "/foto/5/x", "/orang/5/x"),
    ],
)
def test_the_pattern_takes_articles_and_no_others(
    form: str, others: tuple[str, ...], unseen: str, none: str
) -> None:
    known = urls(form)
    found = article_pattern(known, [HOST + path for path in others])
    assert found is not None
    pattern = re.compile(found.article)
    assert all(pattern.search(urlsplit(url).path) for url in known)
    assert not any(pattern.search(path) for path in (*others, none))
    assert pattern.search(unseen)
    assert (found.missed, found.taken) == ((), ())


def test_an_articles_own_number_is_its_id_and_a_word_its_kind() -> None:
    found = article_pattern(urls("/{word}/{n}/{slug}"), [])
    assert found is not None
    match = re.search(found.article, "/foto/71234/judul")
    assert match is not None
    assert match.groupdict() == {"kind": "foto", "number": "71234"}
    assert found.kinds == {"foto": "photo"}


def test_a_number_that_several_articles_have_is_no_id() -> None:
    known = [f"{HOST}/berita/{20251101 + n // 2}/judul-ke-{n}x" for n in range(20)]
    found = article_pattern(known, [])
    assert found is not None
    assert "number" not in found.article


def test_a_new_section_is_taken_where_few_articles_are_known() -> None:
    found = article_pattern(urls("/{section}/{slug}", 8), [f"{HOST}/tag/hujan"])
    assert found is not None
    assert re.search(found.article, "/cuaca/hujan")
    assert not re.search(found.article, "/tag/hujan")


def test_articles_of_two_forms_are_both_taken() -> None:
    known = [*urls("/berita/{n}/{slug}", 20), *urls("/kolom/{slug}", 20)]
    found = article_pattern(known, [])
    assert found is not None
    assert found.missed == ()


def test_parameters_that_tell_articles_apart_are_kept_and_trackers_are_not() -> None:
    known = [f"{HOST}/baca.php?kat=x&id={n}&utm_source=s{n}" for n in range(20)]
    assert kept_query(known) == ("id",)
    found = article_pattern(known, [f"{HOST}/tentang.php"])
    assert found is not None
    assert re.search(found.article, "/baca.php")
    assert not re.search(found.article, "/tentang.php")
    assert kept_query(urls("/berita/{n}/{slug}")) == ()


def test_articles_at_the_home_pages_own_path_need_their_query() -> None:
    found = article_pattern([f"{HOST}/?p={n}" for n in range(20)], [f"{HOST}/"])
    assert found is not None
    assert re.search(found.article, "/?p=7")
    assert not re.search(found.article, "/")


def test_nothing_in_common_is_no_pattern() -> None:
    assert article_pattern([], []) is None


def test_links_that_may_be_articles() -> None:
    assert looks_like_article(f"{HOST}/x", "Warga membangun kembali dermaga")
    assert looks_like_article(f"{HOST}/desa/pasar-ikan-dibuka", "")
    assert not looks_like_article(f"{HOST}/tag/pasar-ikan-baru", "Pasar ikan baru yang ramai")
    assert not looks_like_article(f"{HOST}/kontak", "Kontak")
