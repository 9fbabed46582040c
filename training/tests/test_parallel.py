"""Two processes do what one does: gradients, losses, and resuming a pair that was killed.

With LONG_RUNS=1 two stages, 50 steps, and a pair of `segment.train` killed; without it the first step of
`segment.train`, and a pair of the toy stage killed.
"""

import os
import subprocess
import time
from pathlib import Path

import psutil
import pytest
import torch
from parallel_runs import COMMAND, KIT, Workshop, command, environment, launch

from maskloom_training import loop
from maskloom_training.checkpoint import content_hash, load_checkpoint
from maskloom_training.parallel.numpy_anywhere import NumpyFromAnywhere
from maskloom_training.parallel.parts import own_parts, step_generator
from maskloom_training.parallel.sums import Means

LONG = bool(os.environ.get("LONG_RUNS"))
long = pytest.mark.skipif(not LONG, reason="takes minutes: LONG_RUNS=1")
TOY = str(KIT / "tests/toy_stage.py")
built = pytest.mark.skipif(not COMMAND.exists(), reason="the command line is not built (npm run build)")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    return Workshop(tmp_path_factory.mktemp("parallel"))


def _gradients(checkpoint: dict) -> list[torch.Tensor]:
    """Of a first step without clipping: AdamW's first moments are (1 - beta1) times the gradients."""
    return [state["exp_avg"] / 0.1 for state in checkpoint["optimizer"]["state"].values()]


@built
@pytest.mark.parametrize("stage", ["segment", pytest.param("rose", marks=long)])
def test_two_processes_have_the_gradients_of_one(workshop, stage):
    for processes in (1, 2):
        launch(workshop.arguments(stage, f"{stage}-first-{processes}", 1), processes)
    one, two = (
        _gradients(load_checkpoint(workshop.folder / f"{stage}-first-{n}/checkpoint.pt", stage)) for n in (1, 2)
    )
    assert len(one) == len(two) > 10 and sum(float(g.abs().sum()) for g in one) > 0
    for a, b in zip(one, two):
        assert float((a - b).abs().max()) <= 1e-5 * max(1.0, float(a.abs().max()))


@built
@long
@pytest.mark.parametrize("stage", ["segment", "rose"])
def test_two_processes_have_the_loss_of_one_after_fifty_steps(workshop, stage):
    for processes in (1, 2):
        launch(workshop.arguments(stage, f"{stage}-{processes}", 50), processes)
    losses = [[line["loss"] for line in workshop.log(f"{stage}-{n}") if line["kind"] == "train"] for n in (1, 2)]
    assert len(losses[0]) == len(losses[1]) == 50
    assert abs(losses[0][-1] - losses[1][-1]) < 1e-3
    assert losses[0][0] != losses[0][-1]


@pytest.mark.parametrize("stage", ["toy", pytest.param("segment", marks=long)])
def test_a_killed_pair_resumes_and_ends_as_one_that_was_not(request, tmp_path, stage):
    if stage == "toy":
        whole, broken = ([TOY, str(tmp_path / out), "12", "0.02", "2"] for out in ("whole", "broken"))
        folder = tmp_path
    else:
        workshop = request.getfixturevalue("workshop")
        whole, broken = (workshop.arguments(stage, out, 50) for out in ("whole", "broken"))
        folder = workshop.folder
    launch(whole, 2)
    path = folder / "broken/checkpoint.pt"
    process = subprocess.Popen(
        command(broken, 2), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=KIT
    )
    try:
        deadline = time.monotonic() + 240
        while not path.is_file() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.005)
    finally:
        # Workers are in sessions of their own: they outlive a launcher that is killed alone.
        group = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        for member in group:
            member.kill()
        process.wait()
        psutil.wait_procs(group, timeout=30)
    assert len(group) >= 3
    steps = load_checkpoint(path)["step"]
    launch(broken, 2)
    first, second = (load_checkpoint(folder / out / "checkpoint.pt") for out in ("whole", "broken"))
    assert 0 < steps < first["step"] == second["step"]
    assert content_hash(first) == content_hash(second)


@built
def test_parts_that_cannot_be_shared_out_are_refused_before_a_step(workshop):
    result = launch(workshop.arguments("segment", "uneven", 1), 3, check=False)
    assert result.returncode != 0 and "Launch one of 1, 2 processes" in result.stderr
    assert not (workshop.folder / "uneven/checkpoint.pt").exists()


def test_parts_go_round_the_processes_and_draw_numbers_of_their_own():
    assert [list(own_parts(6, p, 3)) for p in range(3)] == [[0, 3], [1, 4], [2, 5]]
    with pytest.raises(ValueError, match="1, 2, 4 processes"):
        own_parts(4, 0, 3)
    with pytest.raises(ValueError, match="at least one"):
        own_parts(0, 0, 1)
    draws = {step_generator(3, step, part).random() for step in range(4) for part in range(4)}
    assert len(draws) == 16
    step_generator(3, 0, 0)
    first = torch.rand(1)
    step_generator(3, 0, 1)
    assert first != torch.rand(1)


def test_values_that_some_parts_report_are_averaged_over_those():
    a, b = Means(), Means()
    a.add(1.0, {"x": 2.0})
    b.add(3.0, {})
    assert Means().merge([a.pairs(), b.pairs()]).result() == (2.0, {"x": 2.0})


def test_stages_make_inputs_on_the_device_and_read_results_back():
    array = torch.zeros(2).numpy()
    with torch.device("meta"):
        assert torch.as_tensor(array).is_meta
    with NumpyFromAnywhere():
        assert torch.ones(2, requires_grad=True).numpy().sum() == 2
    stages = Path(loop.__file__).parent
    for path in stages.rglob("*.py"):
        if "convert" not in path.parts:
            assert "torch.from_numpy" not in path.read_text(), f"{path}: torch.from_numpy stays on the CPU"
