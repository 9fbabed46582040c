"""Two processes do what one does: gradients, losses, and resuming a pair that was killed.

With LONG_RUNS=1 two stages, 50 steps, and a pair of `segment.train` killed; without it the first step of
`segment.train`, and a pair of the toy stage killed.
"""

import json
import os
import subprocess
import time
from pathlib import Path

import psutil
import pytest
import torch
from parallel_runs import COMMAND, KIT, Workshop, command, environment, launch
from real_folders import write_folders
from real_tiny import arguments, write_narrow
from toy_stage import CONFIG, ToyStage

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


FSDP = ("--config_file", str(KIT / "configs/accelerate/fsdp.yaml"))
REASON = [{"share": 1, "sets": [{"format": "reasonseg", "folder": "."}]}]


def test_fsdp_gives_what_one_process_gives_and_its_checkpoint_goes_on_anywhere(tmp_path):
    launch([TOY, str(tmp_path / "parts"), "6", "0", "2"], 2, *FSDP)
    loop.train(ToyStage(), {**CONFIG, "steps": 6, "parts": 2}, tmp_path / "whole")
    parts, whole = (load_checkpoint(tmp_path / out / "checkpoint.pt") for out in ("parts", "whole"))
    for name, tensor in whole["modules"]["net"].items():
        assert float((parts["modules"]["net"][name] - tensor).abs().max()) < 1e-6
    assert parts["optimizer"].keys() == whole["optimizer"].keys()
    for number, state in whole["optimizer"]["state"].items():
        assert float((parts["optimizer"]["state"][number]["exp_avg"] - state["exp_avg"]).abs().max()) < 1e-6
    final = [json.loads((tmp_path / out / "log.jsonl").read_text().splitlines()[-1]) for out in ("parts", "whole")]
    assert abs(final[0]["weight"] - final[1]["weight"]) < 1e-6
    for out in ("parts", "whole"):
        loop.train(ToyStage(), {**CONFIG, "steps": 9, "parts": 2}, tmp_path / out, resume=True)
    on, on_whole = (load_checkpoint(tmp_path / out / "checkpoint.pt") for out in ("parts", "whole"))
    assert on["step"] == 9
    assert float((on["modules"]["net"]["0.weight"] - on_whole["modules"]["net"]["0.weight"]).abs().max()) < 1e-6


@long
@pytest.mark.parametrize("name", ["read-7b", "rose-7b", "lmseg-b"])
def test_fsdp_trains_a_stage_of_real_size_as_one_process_does(tmp_path, name):
    data = write_folders(tmp_path / "data")
    settings = {"data": REASON} if name == "read-7b" else {}
    config = write_narrow(tmp_path / "config.json", name, steps=12, progress_seconds=0, **settings)
    losses = []
    for processes, more in ((1, ()), (2, FSDP), (2, ())):
        out = tmp_path / f"out-{len(losses)}"
        launch(arguments(config, data, out), processes, *more)
        lines = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
        losses.append([line["loss"] for line in lines if line["kind"] == "train"])
    alone, fsdp, ddp = losses
    assert len(alone) == len(fsdp) == len(ddp) == 12 and alone[0] != alone[-1]
    assert max(abs(a - b) for a, b in zip(alone, fsdp)) < 1e-3
    assert max(abs(a - b) for a, b in zip(alone, ddp)) < 1e-3


@pytest.mark.parametrize(
    ("stage", "more"),
    [
        ("toy", ()),
        pytest.param("toy", FSDP, marks=long),
        pytest.param("real", FSDP, marks=long),
        pytest.param("segment", (), marks=long),
    ],
    ids=["toy", "toy-fsdp", "real-fsdp", "segment"],
)
def test_a_killed_pair_resumes_and_ends_as_one_that_was_not(request, tmp_path, stage, more):
    if stage == "toy":
        whole, broken = ([TOY, str(tmp_path / out), "12", "0.02", "2"] for out in ("whole", "broken"))
        folder = tmp_path
    elif stage == "real":
        data = write_folders(tmp_path / "data")
        config = write_narrow(tmp_path / "config.json", "read-7b", steps=30, save_every=5, data=REASON)
        whole, broken = (arguments(config, data, tmp_path / out, "--resume") for out in ("whole", "broken"))
        folder = tmp_path
    else:
        workshop = request.getfixturevalue("workshop")
        whole, broken = (workshop.arguments(stage, out, 50) for out in ("whole", "broken"))
        folder = workshop.folder
    launch(whole, 2, *more)
    path = folder / "broken/checkpoint.pt"
    process = subprocess.Popen(
        command(broken, 2, *more), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=KIT
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
    launch(broken, 2, *more)
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
