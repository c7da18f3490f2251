"""Layout changes: noticed at once, named, not cried over nothing, and over when they are over."""

import random
from datetime import timedelta

from newsbot.alarms.layout import judge_layout
from newsbot.alarms.verdict import PastAlarm, RunFacts, Verdict
from tests.alarms.history import crawled

RULES = ("title", "container", "tags")
ALL = dict.fromkeys(RULES, 5)


def judge(runs: list[RunFacts], *past: PastAlarm) -> Verdict | None:
    return judge_layout("site", runs, RULES, past)


def opened_by(verdict: Verdict | None, run: RunFacts) -> PastAlarm:
    assert verdict is not None
    return PastAlarm(run.finished + timedelta(seconds=5), None, False, verdict.details)


def test_rules_that_find_nothing_any_more_are_named_by_their_fields() -> None:
    verdict = judge([crawled(0, 40), crawled(1, 3), crawled(2, 5, missed=ALL)])
    assert verdict is not None
    assert verdict.is_wrong
    assert verdict.details["fields"] == ["tags", "text", "title"]
    assert "title (on 0 of 5, usually 100%)" in verdict.message
    assert "newsbot doctor site" in verdict.message


def test_a_field_that_articles_no_longer_have() -> None:
    verdict = judge([crawled(0, 40), crawled(1, 6, lacking={"tags": 6})])
    assert verdict is not None
    assert "pages come without tags (on 0 of 6, usually 100%)" in verdict.message
    assert verdict.details["fields"] == ["tags"]


def test_a_feed_that_gives_a_field_does_not_hide_that_pages_lost_it() -> None:
    verdict = judge([crawled(0, 40), crawled(1, 6, hinted={"tags": 6})])
    assert verdict is not None
    assert verdict.details["fields"] == ["tags"]


def test_each_kind_of_story_has_its_own_habit() -> None:
    photos = {"tags": 8}
    usual = [crawled(0, 40), crawled(1, 12, lacking={"tags": 12}, kind="photo")]
    verdict = judge([*usual, crawled(2, 8, lacking=photos, kind="photo")])
    assert verdict is not None
    assert not verdict.is_wrong
    verdict = judge([*usual, crawled(2, 8, lacking=photos | {"images": 8}, kind="photo")])
    assert verdict is not None
    assert "pages come without images of photo stories (on 0 of 8" in verdict.message
    assert verdict.details["fields"] == ["images"]


def test_one_odd_page_is_no_new_layout() -> None:
    verdict = judge([crawled(0, 400), crawled(1, 1, missed=dict.fromkeys(RULES, 1))])
    assert verdict is not None
    assert not verdict.is_wrong


def test_a_quiet_site_with_an_article_a_run_is_noticed_with_its_second() -> None:
    missed = dict.fromkeys(RULES, 1)
    runs = [crawled(0, 60), crawled(1, 1, missed=missed), crawled(2, 1, missed=missed)]
    verdict = judge(runs)
    assert verdict is not None
    assert verdict.is_wrong
    assert verdict.details["first_run"] == runs[1].run


def test_little_history_is_no_habit() -> None:
    for before in (0, 1, 5, 9):
        verdict = judge([crawled(0, before), crawled(1, 5, missed=ALL)])
        assert verdict is None or not verdict.is_wrong, before


def test_a_rule_that_finds_something_on_half_the_pages_is_not_cried_over() -> None:
    """Runs of a site half of whose articles have tags, drawn by chance."""
    draw = random.Random(1)
    runs: list[RunFacts] = []
    for number in range(600):
        pages = draw.randint(0, 6)
        without = sum(draw.random() < 0.5 for _ in range(pages))
        runs.append(crawled(number, pages, missed={"tags": without}, lacking={"tags": without}))
        verdict = judge(runs[-60:]) if number % 3 == 0 else None
        assert verdict is None or not verdict.is_wrong, number


def test_it_stays_open_while_it_lasts_and_closes_after_the_seed_is_mended() -> None:
    runs = [crawled(0, 40), crawled(1, 5, missed=ALL)]
    alarm = opened_by(judge(runs), runs[-1])
    runs.append(crawled(2, 4, missed=dict.fromkeys(RULES, 4)))
    still = judge(runs, alarm)
    assert still is not None
    assert still.is_wrong
    assert still.details["first_run"] == runs[1].run
    nothing_new = [*runs, crawled(3, 0)]
    assert judge(nothing_new, alarm) == still, "a run without articles tells nothing"
    mended = judge([*runs, crawled(3, 1)], alarm)
    assert mended is not None
    assert not mended.is_wrong


def test_half_mended_is_not_mended() -> None:
    runs = [crawled(0, 40), crawled(1, 5, missed=ALL)]
    alarm = opened_by(judge(runs), runs[-1])
    verdict = judge([*runs, crawled(2, 5, missed={"title": 2})], alarm)
    assert verdict is None


def test_a_rule_taken_out_of_the_seed_is_no_longer_missed() -> None:
    runs = [crawled(0, 40), crawled(1, 5, missed={"tags": 5, "title": 5})]
    alarm = opened_by(judge(runs), runs[-1])
    verdict = judge_layout("site", [*runs, crawled(2, 5, missed={"tags": 5})], ("title",), [alarm])
    assert verdict is not None
    assert not verdict.is_wrong


def test_what_happened_during_an_alarm_is_no_habit() -> None:
    """After a long alarm a second change of layout is noticed as quickly as the first."""
    runs = [crawled(0, 40), *(crawled(n, 5, missed=ALL) for n in range(1, 20)), crawled(20, 5)]
    closed = PastAlarm(
        runs[1].finished, runs[20].finished, False, {"first_run": runs[1].run, "keys": []}
    )
    assert judge(runs, closed) is not None
    again = judge([*runs, crawled(21, 3), crawled(22, 5, missed=ALL)], closed)
    assert again is not None
    assert again.is_wrong
    assert again.details["first_run"] == crawled(22, 5).run


def test_closed_by_hand_it_takes_what_it_finds_as_usual_from_then_on() -> None:
    runs = [crawled(0, 40), *(crawled(n, 5, lacking={"tags": 5}) for n in range(1, 4))]
    details = {"first_run": runs[1].run, "keys": []}
    by_hand = PastAlarm(runs[1].finished, runs[3].finished, True, details)
    runs += [crawled(n, 5, lacking={"tags": 5}) for n in range(4, 9)]
    verdict = judge(runs, by_hand)
    assert verdict is not None
    assert not verdict.is_wrong
