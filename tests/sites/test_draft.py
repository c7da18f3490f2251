"""A drafted seed is written as TOML that says how sure each key is; presets are sound data."""

import tomllib

from newsbot.sites.draft import Draft
from newsbot.sites.presets import candidates, presets_of
from newsbot.sites.seed import PageSelectors


def drafted(title: str = "Warta") -> Draft:
    draft = Draft("https://warta.example/")
    draft.add("name", "warta", "sure", "from the host's name")
    draft.add("title", title, "likely", f"the feed is called so: {title}")
    for key, value in (("kind", "publisher"), ("language", "id"), ("time_zone", "Asia/Jakarta")):
        draft.add(key, value, "likely", "seen")
    draft.add("hosts", ["warta.example"], "sure", "the home page's")
    draft.add("feeds", ["https://warta.example/feed"], "sure", "named")
    lists = [{"url": "https://warta.example/", "next": [{"css": "a", "text": r"^\W*Lama"}]}]
    draft.add("lists", lists, "likely", "it links on", in_force=False)
    draft.add("urls.article", r"^/berita/(?P<number>\d+)", "sure", "it matches all")
    draft.add("select.published", [{"css": "time", "attr": "datetime"}], "sure", "tried")
    return draft


def test_the_seed_says_why_above_each_key_and_loads() -> None:
    draft = drafted()
    site = draft.site()
    assert (site.name, site.lists, len(site.feeds)) == ("warta", (), 1)
    assert site.urls.article == r"^/berita/(?P<number>\d+)"
    text = draft.to_toml()
    assert "# likely: the feed is called so: Warta\ntitle = " in text


def test_a_list_that_is_not_needed_is_a_comment_that_can_be_taken_away() -> None:
    lines = drafted().to_toml().split("\n")
    opened = "\n".join(
        line[1:] if line.startswith("#") and line[1:2] != " " else line for line in lines
    )
    (listing,) = tomllib.loads(opened)["lists"]
    assert listing["next"] == [{"css": "a", "text": r"^\W*Lama"}]


def test_what_a_site_says_cannot_leave_its_string_or_its_comment() -> None:
    hostile = 'Warta"\n[urls]\nkeep_query = ["x"]\x7f\x85\u2028\ud800'
    site = drafted(hostile).site()
    assert site.urls.keep_query == ()
    assert site.title.startswith('Warta"\n[urls]')


def test_presets_name_keys_and_selectors_that_a_seed_may_have() -> None:
    sources = ["/wp-content/themes/NewKarma/ ", "wrap__article-detail"]
    found = presets_of(sources, "")
    assert [one.name for one in found] == ["Newkarma", "WordPress", "the template that ANTARA uses"]
    assert [one.name for one in presets_of([""], "Hugo 0.140")] == ["Hugo"]
    assert presets_of(["<p>plain</p>"], "") == []
    keys = {key for one in found for key in one.select}
    assert keys <= set(PageSelectors.model_fields)
    first = candidates(found, "container")[0]
    assert first.css == ".entry-content-single"
