"""What the Python sides of the benchmarks share: the loop that answers, in processor time."""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version


def answer(
    packages: list[str],
    work: dict[str, Callable[[], object]],
    told: Callable[[object], object] = lambda result: result,
) -> None:
    """Prints the packages' versions, then for every name on standard input the milliseconds of its work and what it gives.

    told: makes JSON of a result, outside of the time.
    """
    print(json.dumps({"versions": {name: version(name) for name in packages}}), flush=True)
    for line in sys.stdin:
        with contextlib.redirect_stdout(io.StringIO()):
            start = time.process_time()
            result = work[line.strip()]()
            spent = (time.process_time() - start) * 1000
        print(json.dumps({"ms": spent, "result": told(result)}), flush=True)
