"""Judges whether the site's layout has changed: fields and rules that no longer find what they did.

Two things are counted in every run: which fields its articles have, and on how many article pages
each of the seed's rules found anything. The second sees more: where a rule fails, the field is
often still filled, less well, from other parts of the page. Each kind of story is counted
separately: photo stories have no dateline, and a run may bring nothing else.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import comb, exp, lgamma
from typing import Final

from newsbot.alarms.verdict import Kind, PastAlarm, RunFacts, Verdict, right, wrong

FIELD_OF: Final = {
    "container": "text", "published": "published_at", "byline": "authors",
    "original": "original_url",
}  # fmt: skip
"""Keys of a seed's ``select`` whose field has another name."""

_MIN_PAGES: Final = 2  # pages without it; one page alone may be odd
_MIN_HISTORY: Final = 10  # pages before them; fewer do not show what is usual
_MAX_HISTORY: Final = 200  # earlier pages that count: pages of a day are alike, not independent
_STEADY, _RARE = 0.9, 0.3  # usual shares: found nearly always; too rarely to be missed
_CHANCE_STEADY, _CHANCE = 1e-3, 1e-6  # below them an alarm, for 12 keys and 100 runs a day
_CHANCE_RECOVERED: Final = 0.01  # above it the rule is taken to work again
_MAX_RECENT_RUNS: Final = 12  # runs taken together: sites with few articles have few in each run
_DROPPED, _RECOVERED = 0.5, 0.8  # factors of the usual share: dropped below, recovered above


@dataclass(frozen=True, slots=True)
class _Shares:
    """On how many pages each key was found, and of how many.

    A key is a field ("field:tags:photo") or a rule ("rule:title:video") of a kind of story.
    """

    found: Counter[str] = field(default_factory=Counter)
    total: Counter[str] = field(default_factory=Counter)

    def share(self, key: str) -> float:
        return self.found[key] / self.total[key] if self.total[key] else 0.0

    def __add__(self, other: "_Shares") -> "_Shares":
        return _Shares(self.found + other.found, self.total + other.total)

    def __sub__(self, other: "_Shares") -> "_Shares":
        return _Shares(self.found - other.found, self.total - other.total)


def judge_layout(
    site: str, runs: Sequence[RunFacts], rules: Iterable[str], past: Sequence[PastAlarm]
) -> Verdict | None:
    """Judge the site's newest runs by its earlier ones.

    Args:
        runs: oldest first.
        rules: keys of the seed's ``select`` that have selectors now.
        past: layout alarms of this site, oldest first; the last may be open.
    """
    usual = _outside_alarms([run for run in runs if _articles(run) or _pages(run)], past)
    known = frozenset(rules)
    if past and past[-1].closed is None:
        return _judge_open_alarm(site, runs, usual, known, past[-1])
    before, recent = _shares(usual, known), _Shares()
    for run in reversed(usual[-_MAX_RECENT_RUNS:]):
        shares = _shares([run], known)
        before, recent = before - shares, recent + shares
        if dropped := _dropped_keys(before, recent):
            return _layout_changed(site, dropped, before, recent, run.run)
    return right(Kind.layout, site)


def _judge_open_alarm(
    site: str,
    runs: Sequence[RunFacts],
    before: Sequence[RunFacts],
    rules: frozenset[str],
    alarm: PastAlarm,
) -> Verdict | None:
    """Judge whether what had dropped when the alarm opened is back in the newest run with pages."""
    first_run, keys = str(alarm.details["first_run"]), set(alarm.details["keys"])
    since = [run for run in runs if run.run >= first_run and (_articles(run) or _pages(run))]
    usual, now = _shares(before, rules), _shares(since[-1:], rules)
    keys |= _dropped_keys(usual, now)
    judged = {key for key in keys & now.total.keys() if now.total[key]}
    lasting = {key for key in judged if now.share(key) < _DROPPED * usual.share(key)}
    if lasting:
        return _layout_changed(site, lasting, usual, now, first_run)
    if judged and all(_has_recovered(key, usual, now) for key in judged):
        return right(Kind.layout, site)
    return None


def _outside_alarms(runs: Sequence[RunFacts], past: Sequence[PastAlarm]) -> list[RunFacts]:
    """Return the runs outside earlier alarms, and only those since one was closed by hand."""
    kept = list(runs)
    for alarm in past:
        first, closed = str(alarm.details.get("first_run", "")), alarm.closed
        if alarm.by_hand and closed is not None:
            kept = [run for run in kept if run.finished > closed]
        else:
            kept = [r for r in kept if r.run < first or (closed is not None and r.started > closed)]
    return kept


def _articles(run: RunFacts) -> int:
    return int(run.counts.get("articles", 0))


def _pages(run: RunFacts) -> int:
    """Return the number of article pages that the seed's rules were tried on."""
    return sum(int(kind["pages"]) for kind in run.counts.get("kinds", {}).values())


def _shares(runs: Iterable[RunFacts], rules: frozenset[str]) -> _Shares:
    shares = _Shares()
    for run in runs:
        for kind, counted in run.counts.get("kinds", {}).items():
            for name, number in counted["fields"].items():
                hinted = counted.get("hinted", {}).get(name, 0)  # the page does not have it
                shares.found[f"field:{name}:{kind}"] += number - hinted
                shares.total[f"field:{name}:{kind}"] += counted["articles"]
            for rule in rules if counted["pages"] else ():
                found = counted["pages"] - counted["missed"].get(rule, 0)
                shares.found[f"rule:{rule}:{kind}"] += found
                shares.total[f"rule:{rule}:{kind}"] += counted["pages"]
    return shares


def _dropped_keys(usual: _Shares, now: _Shares) -> set[str]:
    return {key for key in now.total if _has_dropped(key, usual, now)}


def _has_recovered(key: str, usual: _Shares, now: _Shares) -> bool:
    """Return whether a key that has not dropped is found about as often as usual.

    Of few pages, a share that is well below the usual one may still be due to chance.
    """
    if now.share(key) >= _RECOVERED * usual.share(key):
        return True
    return _chance_of(key, usual, now) > _CHANCE_RECOVERED


def _has_dropped(key: str, usual: _Shares, now: _Shares) -> bool:
    share = usual.share(key)
    if now.total[key] < _MIN_PAGES or usual.total[key] < _MIN_HISTORY or share < _RARE:
        return False
    if now.share(key) >= _DROPPED * share:
        return False
    return _chance_of(key, usual, now) < (_CHANCE_STEADY if share >= _STEADY else _CHANCE)


def _chance_of(key: str, usual: _Shares, now: _Shares) -> float:
    """Return the chance of finding the key so rarely now if nothing had changed.

    Beta-binomial with Jeffreys' prior: with little history the usual share itself is uncertain,
    and that counts against an alarm.
    """
    before, found, total = usual.total[key], now.found[key], now.total[key]
    weight = min(1.0, _MAX_HISTORY / before)
    a, b = usual.found[key] * weight + 0.5, (before - usual.found[key]) * weight + 0.5
    return sum(
        comb(total, k) * exp(_log_beta(a + k, b + total - k) - _log_beta(a, b))
        for k in range(found + 1)
    )


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _layout_changed(
    site: str, keys: set[str], usual: _Shares, now: _Shares, first_run: str
) -> Verdict:
    rules = [key for key in sorted(keys) if key.startswith("rule:")]
    fields = [key for key in sorted(keys) if key.startswith("field:")]
    parts = []
    if rules:
        parts.append(f"the seed's rules no longer find {_describe(rules, usual, now)}")
    if fields:
        parts.append(f"pages come without {_describe(fields, usual, now)}")
    return wrong(
        Kind.layout,
        site,
        f"{'; '.join(parts)}; since run {first_run}. `newsbot doctor {site}` shows the selectors",
        fields=sorted({_field(key) for key in keys}),
        keys=sorted(keys),
        first_run=first_run,
    )


def _field(key: str) -> str:
    name = key.split(":")[1]
    return FIELD_OF.get(name, name)


def _label(key: str) -> str:
    """Return the field, with the kind of story unless that is the ordinary one."""
    kind = key.split(":")[2]
    return _field(key) if kind == "article" else f"{_field(key)} of {kind} stories"


def _describe(keys: Iterable[str], usual: _Shares, now: _Shares) -> str:
    """Return the keys with their shares: ``title (on 0 of 5, usually 99%), …``."""
    return ", ".join(
        f"{_label(key)} (on {now.found[key]} of {now.total[key]}, usually {usual.share(key):.0%})"
        for key in keys
    )
