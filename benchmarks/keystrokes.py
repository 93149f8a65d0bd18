"""From a key in the search field to its results on the screen, on a real terminal."""

from __future__ import annotations

import time

from benchmarks.harness import Bench, Figure, percentile
from benchmarks.searching import texts_typed
from benchmarks.session import CLEAR_KEY, FIND_KEY, running_app, shows
from deskcrm.services.search import find

GOAL_MS = 50.0

_SILENCE_SECONDS = 0.15
"""When nothing is painted for so long after a key, its results are complete."""


def measure(bench: Bench) -> list[Figure]:
    """Milliseconds from the key to the last cell painted for it."""
    words = _words(bench)
    milliseconds, shown = [], 0
    with running_app(bench) as terminal:
        terminal.press(FIND_KEY)
        terminal.settled(_SILENCE_SECONDS)
        for word, best in words:
            for key in word:
                started = time.perf_counter()
                terminal.press(key)
                milliseconds.append(1000 * (terminal.settled(_SILENCE_SECONDS) - started))
            shown += shows(terminal.text, best)
            terminal.press(CLEAR_KEY)
            terminal.settled(_SILENCE_SECONDS)
    note = f"{len(milliseconds)} keys; the best hit stood there for {shown} of {len(words)} words"
    return [
        Figure("key to painted results, p50", percentile(milliseconds, 50), "ms", note=note),
        Figure("key to painted results, p95", percentile(milliseconds, 95), "ms", GOAL_MS),
    ]


def _words(bench: Bench) -> list[tuple[str, str]]:
    """Whole words that people type, with the customer that is found first by each."""
    with bench.desk() as desk:
        typed = list(dict.fromkeys(texts_typed(desk)))
        whole = [a for a, b in zip(typed, [*typed[1:], ""], strict=True) if not b.startswith(a)]
        wanted = 2 * bench.size.repeats
        chosen = whole[:: max(1, len(whole) // wanted)][:wanted]
        found = [(word, find(desk, word, 1).hits) for word in chosen]
    return [(word, hits[0].name) for word, hits in found if hits]
