"""Has the layout changed? Fields and rules that used to find something and no longer do.

Two things are counted in every run: which fields its articles have, and on how many article pages
each of the seed's rules found anything. The second sees more: where a rule fails, a field is often
still filled, less well, from what else the page says. Each kind of story is counted by itself:
photo stories have no dateline, and a run may bring nothing else.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import comb, exp, lgamma
from typing import Final

from newsbot.alarms.verdict import Kind, Past, RunFacts, Verdict, right, wrong

FIELD_OF: Final = {
    "container": "text", "published": "published_at", "byline": "authors",
    "original": "original_url",
}  # fmt: skip
"""Keys of a seed's ``select`` whose field has another name."""

_FEWEST: Final = 2  # pages that speak against a rule; one page alone may be odd
_FEWEST_BEFORE: Final = 10  # pages before them: less is no habit
_MOST_BEFORE: Final = 200  # pages of a habit that count: pages of a day are alike, not independent
_STEADY, _SELDOM = 0.9, 0.3  # shares: nearly always there; too seldom there to be missed
_CHANCE_STEADY, _CHANCE = 1e-3, 1e-6  # of so few finds by chance; 12 keys, 100 runs a day
_CHANCE_BACK: Final = 0.01  # of so few finds, where the rule works again
_LONGEST: Final = 12  # runs that are taken together: quiet sites have few articles a run
_FALLEN, _RISEN = 0.5, 0.8  # parts of the habit: below the one it fell, above the other it is back


@dataclass(frozen=True, slots=True)
class _Shares:
    """How often each field ("field:tags:photo") and rule ("rule:title:video") was there, of how
    often."""

    have: Counter[str] = field(default_factory=Counter)
    of: Counter[str] = field(default_factory=Counter)

    def part(self, key: str) -> float:
        return self.have[key] / self.of[key] if self.of[key] else 0.0

    def __add__(self, other: "_Shares") -> "_Shares":
        return _Shares(self.have + other.have, self.of + other.of)

    def __sub__(self, other: "_Shares") -> "_Shares":
        return _Shares(self.have - other.have, self.of - other.of)


def judge_layout(
    site: str, runs: Sequence[RunFacts], rules: Iterable[str], past: Sequence[Past]
) -> Verdict | None:
    """Compare the site's newest runs with its own history.

    Args:
        runs: oldest first.
        rules: keys of the seed's ``select`` that have selectors now.
        past: layout alarms of this site, oldest first; the last may be open.
    """
    usual = _undisturbed([run for run in runs if _articles(run) or _pages(run)], past)
    known = frozenset(rules)
    if past and past[-1].closed is None:
        return _still(site, runs, usual, known, past[-1])
    before, recent = _shares(usual, known), _Shares()
    for run in reversed(usual[-_LONGEST:]):
        there = _shares([run], known)
        before, recent = before - there, recent + there
        if fallen := _fallen(before, recent):
            return _wrong(site, fallen, before, recent, run.run)
    return right(Kind.layout, site)


def _still(
    site: str,
    runs: Sequence[RunFacts],
    before: Sequence[RunFacts],
    rules: frozenset[str],
    alarm: Past,
) -> Verdict | None:
    """Whether what had fallen when the alarm opened is back, by the newest run that can tell."""
    first_run, keys = str(alarm.details["first_run"]), set(alarm.details["keys"])
    since = [run for run in runs if run.run >= first_run and (_articles(run) or _pages(run))]
    habit, now = _shares(before, rules), _shares(since[-1:], rules)
    keys |= _fallen(habit, now)
    judged = {key for key in keys & now.of.keys() if now.of[key]}
    lasting = {key for key in judged if now.part(key) < _FALLEN * habit.part(key)}
    if lasting:
        return _wrong(site, lasting, habit, now, first_run)
    if judged and all(_has_risen(key, habit, now) for key in judged):
        return right(Kind.layout, site)
    return None


def _undisturbed(runs: Sequence[RunFacts], past: Sequence[Past]) -> list[RunFacts]:
    """Return the runs without those of earlier alarms; only those since one was closed by hand."""
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
    """Article pages that the seed's rules were tried on."""
    return sum(int(kind["pages"]) for kind in run.counts.get("kinds", {}).values())


def _shares(runs: Iterable[RunFacts], rules: frozenset[str]) -> _Shares:
    shares = _Shares()
    for run in runs:
        for kind, counted in run.counts.get("kinds", {}).items():
            for name, number in counted["fields"].items():
                shares.have[f"field:{name}:{kind}"] += number
                shares.of[f"field:{name}:{kind}"] += counted["articles"]
            for rule in rules if counted["pages"] else ():
                found = counted["pages"] - counted["missed"].get(rule, 0)
                shares.have[f"rule:{rule}:{kind}"] += found
                shares.of[f"rule:{rule}:{kind}"] += counted["pages"]
    return shares


def _fallen(habit: _Shares, now: _Shares) -> set[str]:
    return {key for key in now.of if _is_fall(key, habit, now)}


def _has_risen(key: str, habit: _Shares, now: _Shares) -> bool:
    """Whether it is about as usual, for so few pages; the caller knows that it is not fallen."""
    if now.part(key) >= _RISEN * habit.part(key):
        return True
    return _chance(habit.have[key], habit.of[key], now.have[key], now.of[key]) > _CHANCE_BACK


def _is_fall(key: str, habit: _Shares, now: _Shares) -> bool:
    if now.of[key] < _FEWEST or habit.of[key] < _FEWEST_BEFORE or habit.part(key) < _SELDOM:
        return False
    if now.part(key) >= _FALLEN * habit.part(key):
        return False
    chance = _chance(habit.have[key], habit.of[key], now.have[key], now.of[key])
    return chance < (_CHANCE_STEADY if habit.part(key) >= _STEADY else _CHANCE)


def _chance(had: int, had_of: int, have: int, of: int) -> float:
    """Return the chance of finding it so seldom if nothing had changed.

    Beta-binomial with Jeffreys' prior: with little history the habit itself is uncertain, and that
    counts against an alarm.
    """
    weight = min(1.0, _MOST_BEFORE / had_of)
    a, b = had * weight + 0.5, (had_of - had) * weight + 0.5
    return sum(
        comb(of, k) * exp(_log_beta(a + k, b + of - k) - _log_beta(a, b)) for k in range(have + 1)
    )


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _wrong(site: str, keys: set[str], habit: _Shares, now: _Shares, first_run: str) -> Verdict:
    rules = [key for key in sorted(keys) if key.startswith("rule:")]
    fields = [key for key in sorted(keys) if key.startswith("field:")]
    parts = []
    if rules:
        parts.append(f"the seed's rules no longer find {_listed(rules, habit, now)}")
    if fields:
        parts.append(f"articles come without {_listed(fields, habit, now)}")
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


def _named(key: str) -> str:
    """Return the field, and the kind of story if it is not the ordinary one."""
    kind = key.split(":")[2]
    return _field(key) if kind == "article" else f"{_field(key)} of {kind} stories"


def _listed(keys: Iterable[str], habit: _Shares, now: _Shares) -> str:
    """``title (on 0 of 5, usually 99%), images of photo stories (…)``."""
    return ", ".join(
        f"{_named(key)} (on {now.have[key]} of {now.of[key]}, usually {habit.part(key):.0%})"
        for key in keys
    )
