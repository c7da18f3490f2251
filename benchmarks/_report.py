"""Where results go: a JSON file, a plot, and the tables of docs/performance.md."""

import json
import os
import platform
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
RESULTS: Final = ROOT / "benchmarks" / "results"
PAGE: Final = ROOT / "docs" / "performance.md"
PLOTS: Final = ROOT / "docs" / "performance"  # in docs/, as pages can only show files of the site


def machine() -> str:
    """Return the machine's number of cores, its processor, and the version of Python."""
    found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    cores = len(os.sched_getaffinity(0))
    kind = found[1].strip() if found else platform.machine()
    return f"{cores} cores, {kind}, Python {platform.python_version()}"


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table with right-aligned numbers."""
    lines = ["| " + " | ".join(heads) + " |", "|---" + "|---:" * (len(heads) - 1) + "|"]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def save(name: str, results: Mapping[str, Any]) -> None:
    """Write ``benchmarks/results/<name>.json``."""
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps({"machine": machine(), **results}, indent=2)
    (RESULTS / f"{name}.json").write_text(text + "\n")


def load(name: str) -> dict[str, Any]:
    """Return the committed results with that name."""
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text())
    return found


def into_page(name: str, text: str) -> None:
    """Write plot and text between the page's markers ``<!-- name -->`` and ``<!-- /name -->``."""
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    shown = f"![{name}](performance/{name}.svg)\n\nMeasured on {machine()}.\n\n{text}"
    page = PAGE.read_text()
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    PAGE.write_text(f"{before}{begin}{shown}\n{end}{after}")


def bars(name: str, title: str, values: Mapping[str, Mapping[str, float]]) -> None:
    """Write ``docs/performance/<name>.svg``: for each key a group of bars, one for each stack."""
    axes, figure = _axes(title)
    names = list(next(iter(values.values())))
    width = 0.8 / len(names)
    for place, contender in enumerate(names):
        heights = [group[contender] for group in values.values()]
        at = [number + place * width for number in range(len(values))]
        drawn = axes.bar(at, heights, width, label=contender)
        axes.bar_label(drawn, fmt="%.0f", fontsize=8)
    middle = (len(names) - 1) * width / 2
    axes.set_xticks([number + middle for number in range(len(values))], list(values))
    axes.set_ylabel("pages a second")
    axes.legend(frameon=False)
    _write(figure, name)


def lines(name: str, title: str, across: str, up: str, values: Mapping[float, float]) -> None:
    """Write ``docs/performance/<name>.svg``: one line."""
    axes, figure = _axes(title)
    axes.plot(list(values), list(values.values()), marker="o")
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.set_ylim(bottom=0)
    _write(figure, name)


def _axes(title: str) -> tuple[Any, Any]:
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "newsbot"  # the same data, the same file
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 3.5), layout="constrained")
    axes.set_title(title, fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    return axes, figure


def _write(figure: Any, name: str) -> None:
    PLOTS.mkdir(exist_ok=True)
    figure.savefig(PLOTS / f"{name}.svg", metadata={"Date": None})
