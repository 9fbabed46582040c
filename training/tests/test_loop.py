"""The loop: a killed run resumes to the same weights, the schedule, stopping, and bad gradients."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from toy_stage import CONFIG, ToyStage

from maskloom_training.checkpoint import load_checkpoint, save_checkpoint
from maskloom_training.loop import DEFAULTS, schedule, train
from maskloom_training.selfcheck import GradientCheckError

KIT = Path(__file__).parents[1]


def _start(out: Path, steps: int, pause: float) -> subprocess.Popen:
    environment = {**os.environ, "PYTHONPATH": str(KIT)}
    script = str(Path(__file__).with_name("toy_stage.py"))
    return subprocess.Popen([sys.executable, script, str(out), str(steps), str(pause)], env=environment)


def _wait_for_step(path: Path, step: int) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        if path.is_file() and load_checkpoint(path)["step"] >= step:
            return
        time.sleep(0.05)
    raise AssertionError(f"no checkpoint of step {step} in 300 s")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_that_is_killed_and_resumed_equals_one_that_was_not(tmp_path, number):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    train(ToyStage(), {**CONFIG, "steps": 40}, whole)
    process = _start(broken, 40, 0.05)
    try:
        _wait_for_step(broken / "checkpoint.pt", 10)
        process.send_signal(number)
        process.wait(timeout=120)
    finally:
        process.kill()
    assert load_checkpoint(broken / "checkpoint.pt")["step"] < 40
    train(ToyStage(), {**CONFIG, "steps": 40}, broken, resume=True)
    first, second = load_checkpoint(whole / "checkpoint.pt"), load_checkpoint(broken / "checkpoint.pt")
    assert first["step"] == second["step"] == 40
    for name, tensor in first["modules"]["net"].items():
        assert torch.equal(tensor, second["modules"]["net"][name]), name
    assert not list(broken.glob("*.part")) and not list(broken.glob(".*.part"))


def test_another_seed_gives_other_weights(tmp_path):
    train(ToyStage(), {**CONFIG, "steps": 10}, tmp_path / "a")
    train(ToyStage(), {**CONFIG, "steps": 10, "seed": 4}, tmp_path / "b")
    a, b = (load_checkpoint(tmp_path / n / "checkpoint.pt")["modules"]["net"]["0.weight"] for n in "ab")
    assert not torch.equal(a, b)


def test_the_checkpoint_and_log_hold_what_was_run(tmp_path):
    train(ToyStage(), {**CONFIG, "steps": 20, "note": "kept"}, tmp_path)
    saved = load_checkpoint(tmp_path / "checkpoint.pt", "toy")
    assert saved["config"]["note"] == "kept" and saved["config"]["clip"] == DEFAULTS["clip"]
    kinds = [json.loads(line)["kind"] for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert kinds == ["eval", "eval", "final"]


def test_schedule_warms_up_and_ends_at_three_per_cent():
    config = {**DEFAULTS, "steps": 100, "warmup": 10, "minutes": None}
    assert schedule(0, 0, config) == pytest.approx(0.1)
    assert schedule(50, 0, config) == pytest.approx(0.03 + 0.97 / 2)
    assert schedule(100, 0, config) == pytest.approx(0.03)
    timed = {**config, "minutes": 10}
    assert schedule(50, 600, timed) == pytest.approx(0.03), "the clock counts when it is ahead of the steps"
    assert schedule(50, 60, timed) == pytest.approx(schedule(50, 0, config))


def test_the_clock_ends_a_run(tmp_path):
    train(ToyStage(pause=0.01), {**CONFIG, "steps": 10**6, "minutes": 0.01}, tmp_path)
    assert 0 < load_checkpoint(tmp_path / "checkpoint.pt")["step"] < 200


class _Flaky(ToyStage):
    def loss(self, step, rng):
        loss, parts = super().loss(step, rng)
        return loss * float("nan"), parts


def test_gradients_that_are_never_finite_end_the_run(tmp_path):
    with pytest.raises(GradientCheckError):
        train(_Flaky(), {**CONFIG, "steps": 50}, tmp_path)
    with pytest.raises(RuntimeError, match="in a row"):
        train(_Flaky(), {**CONFIG, "steps": 50, "selfcheck": False}, tmp_path)


def test_checkpoints_of_another_stage_or_format_are_refused(tmp_path):
    path = tmp_path / "x.pt"
    save_checkpoint(path, stage="a", step=1, config={}, modules={})
    with pytest.raises(ValueError, match="not of 'b'"):
        load_checkpoint(path, "b")
    torch.save({"schema": "other/1"}, path)
    with pytest.raises(ValueError, match="other/1"):
        load_checkpoint(path)
    with pytest.raises(FileNotFoundError, match="Run the stage"):
        load_checkpoint(tmp_path / "none.pt")


def test_a_write_that_fails_keeps_the_old_checkpoint(tmp_path):
    path = tmp_path / "x.pt"
    save_checkpoint(path, stage="a", step=1, config={}, modules={})
    with pytest.raises(Exception, match="pickle"):
        save_checkpoint(path, stage="a", step=2, config={"f": lambda: 0}, modules={})
    assert load_checkpoint(path)["step"] == 1
    assert [p.name for p in tmp_path.iterdir()] == ["x.pt"]
