"""Runs the benchmarks that are named, or all of them."""

import importlib
import sys

BENCHES = ["votes", "pages", "texts", "voters", "brigades", "lists", "search", "durability"]


def main(names: list[str]) -> int:
    unknown = set(names) - set(BENCHES)
    if unknown:
        print(f"No such benchmark: {', '.join(sorted(unknown))}. There are: {', '.join(BENCHES)}.")
        return 2
    for name in names or BENCHES:
        print(f"\n== {name} ==", flush=True)
        importlib.import_module(f"tests.bench.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
