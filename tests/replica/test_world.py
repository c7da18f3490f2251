"""The world: the same for a seed, varied, honest about its copies, and changeable."""

from datetime import timedelta
from typing import Any

import pytest

from replica import World
from replica.hosts import AGGREGATOR, ENGLISH, MAIN, REGIONAL
from replica.world import NEWEST


@pytest.fixture(scope="module")
def world() -> World:
    return World(3, 400)


@pytest.fixture(scope="module")
def truth(world: World) -> list[dict[str, Any]]:
    return list(world.truth())


def test_the_same_seed_gives_the_same_stories():
    assert list(World(1, 40).truth()) == list(World(1, 40).truth())
    assert list(World(1, 40).truth()) != list(World(2, 40).truth())


def test_n_counts_the_first_host():
    world = World(1, 40)
    assert [len(world.on(host)) for host in (MAIN, REGIONAL, ENGLISH)] == [40, 8, 6]
    assert 0 < len(world.on(AGGREGATOR)) < 40
    alone = World(1, 25, hosts=(MAIN,), template="T3")
    assert {(t["site"], t["template"], t["kind"]) for t in alone.truth()} == {
        ("antara", "T3", "article")
    }
    assert len(list(alone.truth())) == 25


def test_hosts_are_checked():
    with pytest.raises(ValueError, match="choose from"):
        World(1, 3, hosts=("example.org",))


def test_stories_are_in_order_and_end_at_the_newest(world: World):
    for host in (MAIN, REGIONAL, ENGLISH):
        times = [story.published_at for story in world.on(host)]
        numbers = [story.number for story in world.on(host)]
        assert times == sorted(times, reverse=True)
        assert numbers == sorted(set(numbers), reverse=True)
    published = [s.published_at for host in (MAIN, REGIONAL, ENGLISH) for s in world.on(host)]
    assert max(published) == NEWEST
    start = NEWEST - timedelta(days=90)
    spread = World(1, 30, start=start)
    oldest = min(s.published_at for host in (MAIN, REGIONAL, ENGLISH) for s in spread.on(host))
    assert start <= oldest < start + timedelta(minutes=1)


def test_ids_and_addresses(truth: list[dict[str, Any]]):
    assert len({t["id"] for t in truth}) == len({t["canonical_url"] for t in truth}) == len(truth)
    for one in truth:
        if one["site"] == "rakyatnews":
            assert one["id"].startswith("sha256:")
            assert len(one["id"]) == 39
        else:
            host, kind, number = one["id"].split(":")
            assert one["canonical_url"].startswith(f"https://{host}/")
            assert f"/{number}/" in one["canonical_url"]
            assert kind == one["kind"]


def test_text_is_the_story_alone(truth: list[dict[str, Any]]):
    for one in truth:
        if one["kind"] == "article":
            assert one["text"].count("\n\n") >= 8
            assert "(ANTARA" not in one["text"]
            assert "Dilarang keras mengambil konten" not in one["text"]
        assert "©" not in one["text"]


def test_all_varieties_occur(truth: list[dict[str, Any]]):
    articles = [t for t in truth if t["kind"] == "article"]
    roles = [tuple(author["role"] for author in t["authors"]) for t in articles]
    raws = [t["dateline"]["raw"] for t in articles]
    assert {t["template"] for t in truth} == {"T1", "T2", "T3", "aggregator"}
    assert {t["kind"] for t in truth} == {"article", "photo", "video", "infographic"}
    assert {("reporter", "editor"), ("reporter",), ("editor",), ("translator", "editor"),
            ("reporter", "reporter", "editor")} <= set(roles)  # fmt: skip
    names = {author["name"] for t in truth for author in t["authors"]}
    assert {"Xinhua", "Tim JACX"} <= names
    assert "(ANTARA/JACX)" in raws
    assert any(", " in raw and raw.endswith("(ANTARA)") for raw in raws)
    assert any(raw.endswith(", (ANTARA)") for raw in raws)
    assert any(raw.endswith("(ANTARA News)") for raw in raws)
    assert all((t["source_credit"] is not None) == ("translator" in r)
               for t, r in zip(articles, roles, strict=True))  # fmt: skip
    assert any(t["pages"] > 2 for t in truth)
    assert any(t["pull_quote"] for t in truth)
    assert any(t["title"].startswith(("Editor", "Sumber")) for t in truth)
    assert any("izin tertulis" in t["text"] for t in truth)
    assert {t["copyright"] for t in truth} == {
        None, "Copyright © ANTARA 2026", "COPYRIGHT © ANTARA 2026"
    }  # fmt: skip


def test_copies_name_their_originals(truth: list[dict[str, Any]]):
    by_id = {t["id"]: t for t in truth}
    reissues = [t for t in truth if t["copy_of"] and t["site"] == "antara-megapolitan"]
    assert reissues
    for one in reissues:
        origin = by_id[one["copy_of"]]
        assert origin["text"] == one["text"]
        assert origin["title"] != one["title"]
    for one in (t for t in truth if t["site"] == "rakyatnews"):
        origin = by_id[one["copy_of"]]
        assert one["original_url"] == origin["canonical_url"]
        assert one["text"].replace("“", '"').replace("”", '"') == origin["text"]


def test_different_stories_are_no_near_duplicates(truth: list[dict[str, Any]]):
    wires = [t for t in truth if t["kind"] == "article" and not t["copy_of"]][:250]
    seen: dict[tuple[str, ...], list[int]] = {}
    sizes: list[int] = []
    for number, one in enumerate(wires):
        words = one["text"].lower().split()
        shingles = {tuple(words[i : i + 4]) for i in range(len(words) - 3)}
        sizes.append(len(shingles))
        for shingle in shingles:
            seen.setdefault(shingle, []).append(number)
    common: dict[tuple[int, int], int] = {}
    for numbers in seen.values():
        for a in numbers:
            for b in numbers:
                if a != b:
                    common[a, b] = common.get((a, b), 0) + 1
    assert max(count / sizes[a] for (a, _), count in common.items()) < 0.15


def test_edit_add_remove():
    world = World(1, 20)
    story = next(s for s in world.on(MAIN) if s.kind == "article")
    edited = world.edit(story.url)
    assert edited.id == story.id
    assert edited.title == story.title
    assert edited.paragraphs != story.paragraphs
    assert edited.modified_at > story.modified_at
    assert world.find(story.id) is edited is world.by_number(MAIN, story.number)
    assert world.edit(story.id).version == 3
    assert world.edit(story.id).title != story.title

    newest = world.on(MAIN)[0]
    added = world.add(3)
    assert world.on(MAIN)[:3] == added[::-1]
    assert added[0].published_at > newest.published_at

    world.remove(added[2].id)
    assert world.on(MAIN)[0] is added[1]
    with pytest.raises(KeyError):
        world.find(added[2].id)
    assert world.add(1)[0].number > added[2].number
