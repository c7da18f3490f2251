"""``python -m benchmarks [--long] [NAME …]``: run all measurements, or those named."""

import argparse
import importlib
import pkgutil
import sys

import benchmarks

_COMPARISON = "regress"  # measures throughput again, so it runs only when named


def main() -> int:
    """Run the named benchmarks, or all; return the exit status."""
    known = [m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name[0] != "_"]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}")
    parser.add_argument("--long", action="store_true", help="more rounds and larger sizes")
    arguments = parser.parse_args()
    for name in arguments.names:
        if name not in known:
            parser.error(f"unknown benchmark {name!r}; use {', '.join(known)}")
    benchmarks.LONG = arguments.long
    for name in arguments.names or [name for name in known if name != _COMPARISON]:
        print(f"\n== {name}", flush=True)
        status = importlib.import_module(f"benchmarks.{name}").main()
        if status:
            return int(status)
    return 0


sys.exit(main())
