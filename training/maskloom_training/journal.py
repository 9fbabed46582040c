"""What a run prints and keeps in its log."""

import json
import time
from pathlib import Path
from typing import Any


class Journal:
    """Progress lines on the terminal and `log.jsonl`; silent in every process but the main one.

    A line of the log has kind ("train", "eval", "final"), step, minutes, and the values. Training values are means over
    the steps since the last line; a line comes every `progress_seconds`.
    """

    def __init__(self, name: str, config: dict[str, Any], out: Path, main: bool) -> None:
        self._name, self._config, self._main = name, config, main
        self._path = out / "log.jsonl"
        self._last = time.monotonic()
        self._sums: dict[str, float] = {}
        self._counts = 0
        self._file = None

    def __enter__(self) -> "Journal":
        if self._main:
            self._file = open(self._path, "a", encoding="utf-8")
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def say(self, text: str) -> None:
        """Prints a line."""
        if self._main:
            print(f"{self._name}: {text}", flush=True)

    def step(self, step: int, values: dict[str, float], rate: float, elapsed: float) -> None:
        """Takes the values of a finished step; `elapsed` in seconds."""
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, 0.0) + value
        self._counts += 1
        now = time.monotonic()
        if now - self._last < self._config["progress_seconds"]:
            return
        means = {name: total / self._counts for name, total in self._sums.items()}
        speed = self._counts / (now - self._last)
        if self._main:
            print(self._line(step, means, speed, rate, elapsed), flush=True)
        self._write("train", step, elapsed, {**means, "lr": rate, "steps_per_second": speed})
        self._last, self._sums, self._counts = now, {}, 0

    def evaluated(self, kind: str, step: int, values: dict[str, float], elapsed: float) -> None:
        """Takes held-out figures; `elapsed` in seconds."""
        if self._main:
            figures = "  ".join(f"{k} {v:.4f}" for k, v in values.items())
            print(f"{self._name} step {step} held-out: {figures}", flush=True)
        self._write(kind, step, elapsed, values)

    def _write(self, kind: str, step: int, elapsed: float, values: dict[str, float]) -> None:
        if self._file is not None:
            self._file.write(
                json.dumps({"kind": kind, "step": step, "minutes": round(elapsed / 60, 2), **values}) + "\n"
            )
            self._file.flush()

    def _line(self, step: int, means: dict[str, float], speed: float, rate: float, elapsed: float) -> str:
        left = (self._config["steps"] - step) / max(speed, 1e-9)
        if self._config["minutes"]:
            left = min(left, 60 * self._config["minutes"] - elapsed)
        parts = "  ".join(f"{k} {v:.4f}" for k, v in means.items())
        return (
            f"{self._name} step {step}/{self._config['steps']}  {parts}  lr {rate:.2e}  {speed:.2f} steps/s  "
            f"{left / 60:.1f} min left"
        )
