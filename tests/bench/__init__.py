"""Benchmarks, run by `make bench` and never by the suite: ratios measured side by side.

`python -m tests.bench` runs all; `python -m tests.bench votes pages` runs those two. SIZE is the
number of votes on the film in `votes` (1,000,000 unless set). Each prints what it measured, with
the durability it was measured at; nothing here asserts a time.
"""
