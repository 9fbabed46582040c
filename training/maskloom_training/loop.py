"""The training loop that every stage shares."""

import ctypes
import json
import math
import signal
import threading
import time
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from .checkpoint import load_checkpoint, write_checkpoint
from .journal import Journal
from .parallel.engine import start_engine
from .parallel.parts import step_generator
from .selfcheck import check_gradients

DEFAULTS: dict[str, Any] = {
    "steps": 1000,
    "lr": 1e-3,
    "warmup": 100,
    "decay": "cosine",
    "final_lr": 0.03,
    "weight_decay": 0.02,
    "betas": [0.9, 0.95],
    "clip": 1.0,
    "seed": 0,
    "threads": 1,
    "parts": 1,
    "eval_every": 500,
    "save_every": 200,
    "minutes": None,
    "progress_seconds": 20.0,
    "selfcheck": True,
    "selfcheck_tolerance": 1e-4,
    "selfcheck_direction": None,
}
MAX_BAD_STEPS = 20


class Stage(Protocol):
    """What a stage supplies; the loop supplies the rest.

    A group of `parameter_groups` may carry "lr_scale" (times the scheduled rate) and its own
    "weight_decay". `loss` returns a scalar and parts to print; it must draw only from `rng`
    (and from torch's generator, which the loop seeds per step), so that a resumed
    run repeats an uninterrupted one. `evaluate` must leave modules in training mode.
    """

    name: str

    def modules(self) -> dict[str, torch.nn.Module]: ...
    def parameter_groups(self) -> list[dict]: ...
    def loss(self, step: int, rng: np.random.Generator) -> tuple[torch.Tensor, dict[str, float]]: ...
    def evaluate(self) -> dict[str, float]: ...


def schedule(step: int, elapsed: float, config: dict) -> float:
    """Fraction of the peak rate: linear warm-up over `warmup` steps times a fall to `final_lr`.

    `decay` is how it falls: "cosine" over the whole run, or "linear" from the end of the warm-up (DeepSpeed's
    WarmupDecayLR). It follows the larger of step/steps and elapsed/minutes, so that a run with a
    wall-clock limit ends with the same low rate as one limited by steps.
    """
    warm = min(1.0, (step + 1) / max(1, config["warmup"]))
    done = min(1.0, progress(step, elapsed, config))
    decay, last = config.get("decay", "cosine"), config.get("final_lr", DEFAULTS["final_lr"])
    if decay == "linear":
        start = min(1.0, config["warmup"] / max(1, config["steps"]))
        left = min(1.0, (1 - done) / max(1e-9, 1 - start))
    else:
        left = 0.5 * (1 + math.cos(math.pi * done))
    return warm * (last + (1 - last) * left)


def progress(step: int, elapsed: float, config: dict) -> float:
    """Part of the run that is done, in [0, 1] and beyond."""
    by_time = 0.0 if not config["minutes"] else elapsed / (60 * config["minutes"])
    return max(step / max(1, config["steps"]), by_time)


def keep_freed_memory() -> None:
    """Lets glibc keep freed blocks instead of returning them: no page faults, steps a tenth faster on a CPU."""
    try:
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(ctypes.c_int(-4), ctypes.c_int(0))  # M_MMAP_MAX
        libc.mallopt(ctypes.c_int(-1), ctypes.c_int(2**31 - 1))  # M_TRIM_THRESHOLD
    except (OSError, AttributeError):
        pass  # another C library: only slower


class _StopFlag:
    """Set by SIGTERM or SIGINT, so that the loop saves and ends at a step's edge."""

    def __init__(self) -> None:
        self.requested = False
        self._previous: dict[int, Any] = {}

    def __enter__(self) -> "_StopFlag":
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                self._previous[number] = signal.signal(number, self._set)
        return self

    def _set(self, *_: object) -> None:
        self.requested = True

    def __exit__(self, *_: object) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)


def train(stage: Stage, config: dict, out: Path, resume: bool = False) -> None:
    """Trains `stage` and writes `out/checkpoint.pt` and `out/log.jsonl`.

    config: the keys of DEFAULTS (others are the stage's own and are saved too). `parts` draws are averaged in every
    step, shared out among the processes of `accelerate launch` when there are several. `minutes` is an
    optional wall-clock limit over all resumed parts. With `resume`, continues from
    `out/checkpoint.pt` when there is one. Raises GradientCheckError when the self-check
    fails and RuntimeError after 20 steps in a row with gradients that are not finite.
    """
    config = {**DEFAULTS, **config}
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(config["threads"])
    keep_freed_memory()
    path = out / "checkpoint.pt"
    saved = load_checkpoint(path, stage.name) if resume and path.is_file() else None
    found = self_check(stage, config) if saved is None and config["selfcheck"] else None
    engine = start_engine(stage, config)
    if engine.main and found is not None:
        print(f"{stage.name}: self-check passed {json.dumps(found)}", flush=True)
    step, before = 0, 0.0
    if saved is not None:
        engine.load(saved)
        step, before = saved["step"], saved["elapsed"]
        if engine.main:
            print(f"{stage.name}: resumed at step {step}", flush=True)
    optimizer = engine.optimizer
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    start = time.monotonic()
    bad = 0

    def elapsed() -> float:
        return before + time.monotonic() - start

    def save() -> None:
        state = engine.state()
        if engine.main:
            write_checkpoint(path, stage=stage.name, step=step, config=config, elapsed=elapsed(), **state)

    with _StopFlag() as stop, Journal(stage.name, config, out, engine.main) as journal:
        while True:
            clock, stopping = engine.agree(elapsed(), stop.requested)
            if stopping or progress(step, clock, config) >= 1:
                break
            rate = config["lr"] * schedule(step, clock, config)
            for group in optimizer.param_groups:
                group["lr"] = rate * group["lr_scale"]
            loss, parts = engine.gradients(step)
            norm = engine.clip(parameters, config["clip"])
            if math.isfinite(norm):
                optimizer.step()
                bad = 0
            else:
                bad += 1
                if engine.main:
                    print(f"{stage.name} step {step}: gradient is not finite, step left out", flush=True)
                if bad >= MAX_BAD_STEPS:
                    raise RuntimeError(f"{stage.name}: {bad} steps in a row with gradients that are not finite.")
            step += 1
            journal.step(step, {"loss": loss, **parts}, rate, clock)
            if step % config["eval_every"] == 0:
                journal.evaluated("eval", step, engine.evaluate(stage.evaluate), elapsed())
            if step % config["save_every"] == 0:
                save()
        save()
        if stopping:
            journal.say(f"stopped at step {step}, checkpoint saved; --resume continues")
        else:
            journal.evaluated("final", step, engine.evaluate(stage.evaluate), elapsed())
            journal.say(f"finished {step} steps in {elapsed() / 60:.1f} min")
    engine.finish()


def self_check(stage: Stage, config: dict) -> dict[str, float]:
    """The same step twice must give the same gradients (see selfcheck.py)."""
    named = [(f"{m}.{n}", p) for m, module in stage.modules().items() for n, p in module.named_parameters()]
    return check_gradients(
        named,
        lambda: stage.loss(0, step_generator(config["seed"], 0))[0],
        tolerance=config["selfcheck_tolerance"],
        direction_tolerance=config["selfcheck_direction"],
    )
