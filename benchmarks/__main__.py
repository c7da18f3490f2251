"""``python -m benchmarks [NAME …]``: run all measurements, or those named."""

import importlib
import pkgutil
import sys

import benchmarks


def main() -> int:
    """Run them and return the exit status."""
    known = [m.name for m in pkgutil.iter_modules(benchmarks.__path__) if m.name[0] != "_"]
    asked = sys.argv[1:] or known
    for name in asked:
        if name not in known:
            print(f"no benchmark {name!r}; there are: {', '.join(known)}", file=sys.stderr)
            return 2
    for name in asked:
        print(f"\n== {name}", flush=True)
        importlib.import_module(f"benchmarks.{name}").main()
    return 0


sys.exit(main())
