"""LISA and READ of tiny widths: converted, run by the command line, text and masks against their own forward pass."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco
from tokenizers import AddedToken, Tokenizer

from maskloom_training.convert.cli import main
from maskloom_training.convert.tokenizer import from_sentencepiece
from maskloom_training.segment.sasp import SaspSettings
from tests.lisa_folder import ADDED, TinyLisa, sentencepiece_model
from tests.lisa_reference import answer, pick_seed

COMMAND = Path(__file__).resolve().parents[2] / "packages/cli/dist/main.js"
MOST = 24
WORDS = "The dog on the road"
SASP = SaspSettings(2, 0.8, 0.2, 30, geometry="compat")


def tokenizer() -> Tokenizer:
    made = from_sentencepiece(sentencepiece_model())
    made.add_tokens([AddedToken(t, lstrip=True, rstrip=True, normalized=False) for t in ADDED])
    return made


def picture() -> np.ndarray:
    small = np.random.default_rng(0).integers(0, 255, (9, 14, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(small).resize((190, 120), Image.Resampling.BICUBIC))


def run_system(system: str, image: Path, bundle: Path) -> dict:
    if not COMMAND.exists() or shutil.which("node") is None:
        if os.environ.get("CI"):
            pytest.fail(f"{COMMAND} is not built")
        pytest.skip("needs node and the built packages (npm start)")
    command = ["node", str(COMMAND), "segment", str(image), "--system", system, "--task", "referring"]
    done = subprocess.run(
        [*command, "--text", WORDS, "--bundle", str(bundle), "--device", "cpu", "--json"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["runs"][0]


@pytest.mark.parametrize(
    ("name", "systems"),
    [
        ("lisa", {"stacked-seg/single": None}),
        ("sesame", {"stacked-seg/single": None}),
        (
            "read-7b",
            {
                "read/seg": None,
                "read/full": SaspSettings(2, 0.8, 0.2, 30, geometry="compat", interpolation="squared"),
            },
        ),
    ],
)
def test_text_and_masks_are_those_of_the_systems_own_forward_pass(name: str, systems: dict, tmp_path: Path) -> None:
    words, image = tokenizer(), picture()
    lower = WORDS if name == "lisa" else "the dog on the road"
    question = f"What is {lower} in this image? Please output segmentation mask."
    model = pick_seed(lambda seed: TinyLisa(tmp_path, seed, name != "lisa"), words, image, question, MOST)
    model.write()
    bundle = tmp_path / "bundle"
    assert main([name, str(model.folder), str(bundle)]) == 0
    Image.fromarray(image).save(tmp_path / "image.png")
    for system, sasp in systems.items():
        wanted = answer(model, words, image, question, MOST, sasp)
        run = run_system(system, tmp_path / "image.png", bundle)
        assert run["answer"] == wanted.text
        assert len(run["segments"]) == 1
        given = coco.decode(run["segments"][0]["segmentation"]).astype(bool)
        expected = (wanted.masks[0] > 0).numpy()
        assert 0.02 < expected.mean() < 0.98
        assert (given & expected).sum() / (given | expected).sum() >= 0.995


def test_few_bits_answer_as_pytorch_does_with_the_same_weights(tmp_path: Path) -> None:
    model = TinyLisa(tmp_path)
    model.write()
    for dtype in ("f16", "q8", "q4"):
        out = tmp_path / dtype
        assert main(["lisa", str(model.folder), str(out), "--dtype", dtype]) == 0
        manifest = json.loads((out / "bundle.json").read_text())
        assert max(manifest["origin"]["checks"].values()) < 1e-5
        stored = {"f16": "float16", "q8": "int8", "q4": "int4"}[dtype]
        assert manifest["models"]["language-model"]["dtype"] == stored
        assert manifest["models"]["sam-encoder"]["dtype"] == ("int8" if dtype == "q4" else stored)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: (f / "pytorch_model-00002-of-00002.bin").unlink(), "lacks pytorch_model-00002-of-00002.bin"),
        (lambda f: (f / "pytorch_model-00001-of-00002.bin").write_bytes(b"PK\3\4 cut"), "cannot be read"),
        (lambda f: (f / "added_tokens.json").write_text("{}"), "no token '[SEG]'"),
        (lambda f: (f / "added_tokens.json").write_text('{"[SEG]": 7}'), "has the id 7"),
        (lambda f: (f / "config.json").unlink(), "no config.json"),
        (lambda f: (f / "tokenizer.model").unlink(), "neither tokenizer.json nor tokenizer.model"),
        (lambda f: _change(f, {"num_hidden_layers": 5}), "says 5 layers of width 64; the weights have 3"),
        (lambda f: _change(f, {"mm_vision_tower": "no/such-tower-here"}), "no no/such-tower-here here"),
        (lambda f: _change(f, {"mm_vision_select_layer": -9}), "no state -9"),
        (lambda f: _change(f, {"rope_scaling": {"type": "dynamic", "factor": 2.0}}), "'dynamic'"),
    ],
)
def test_a_spoilt_folder_is_one_clear_line_and_nothing_is_left(spoil, message, tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    model = TinyLisa(tmp_path)
    model.write()
    spoil(model.folder)
    before = sorted(tmp_path.iterdir())
    assert main(["lisa", str(model.folder), str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


def test_a_folder_that_is_there_is_not_touched(tmp_path: Path, capsys) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("kept")
    model = TinyLisa(tmp_path)
    model.write()
    assert main(["lisa", str(model.folder), str(tmp_path / "out")]) == 1
    assert "there already" in capsys.readouterr().err
    assert (tmp_path / "out" / "mine").read_text() == "kept"


def _change(folder: Path, values: dict) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))
