"""``python -m benchmarks [--long] [NAME …]``: run all measurements, or those named."""

import argparse
import importlib
import pkgutil
import sys

import benchmarks

_COMPARES = "regress"  # measures throughput again, to compare it: only when asked for


def main() -> int:
    """Run them and return the exit status."""
    known = [m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name[0] != "_"]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}")
    parser.add_argument("--long", action="store_true", help="more rounds and larger sizes")
    asked = parser.parse_args()
    for name in asked.names:
        if name not in known:
            parser.error(f"no benchmark {name!r}; there are: {', '.join(known)}")
    benchmarks.LONG = asked.long
    for name in asked.names or [name for name in known if name != _COMPARES]:
        print(f"\n== {name}", flush=True)
        status = importlib.import_module(f"benchmarks.{name}").main()
        if status:
            return int(status)
    return 0


sys.exit(main())
