"""Is newsbot slower, beside the other stacks, than the committed results say?"""

from typing import Final

from benchmarks import _report
from benchmarks.throughput import describe, measure

_TOLERANCE: Final = 0.15  # of a ratio: more than repeated runs differ


def main() -> int:
    """Measure throughput and compare its ratios; return 1 if one is worse by more than 15 %."""
    committed = _report.load("throughput")["ratios"]
    found = measure(1_000, 2_000, rounds=3, large_rounds=1)
    print(describe(found))
    status = 0
    for kind in ("start-up", "marginal"):
        for what, before in committed[kind].items():
            now = found["ratios"][kind][what]
            is_worse = now < before * (1 - _TOLERANCE)
            status |= is_worse
            print(f"{kind:9} {what}  {before:.2f} → {now:.2f}{'  WORSE' if is_worse else ''}")
    return int(status)
