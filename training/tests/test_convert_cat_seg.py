"""CAT-Seg of tiny widths in its published names: converted, run by the command line, against PyTorch."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from pycocotools import mask as coco
from tokenizers import AddedToken, Tokenizer

from maskloom_training.convert.cli import main
from tests.cat_seg_reference import AGGREGATOR, CLIP, random_weights, segment
from tests.llava_folder import picture
from tests.test_convert_lisa import tokenizer

COMMAND = Path(__file__).resolve().parents[2] / "packages/cli/dist/main.js"
LABELS = ["dog", "road", "car", "horn", "chat"]


def words() -> Tokenizer:
    made = tokenizer()
    made.add_special_tokens([AddedToken(t, special=True) for t in ("<|startoftext|>", "<|endoftext|>")])
    return made


def write(folder: Path, change=lambda state: None) -> dict[str, torch.Tensor]:
    made = words()
    state = random_weights(made.get_vocab_size())
    change(state)
    folder.mkdir()
    # As detectron2 writes it: the model beside what its training needs.
    torch.save({"model": state, "iteration": 79999}, folder / "model_base.pth")
    made.save(str(folder / "tokenizer.json"))
    return state


def found_by_command(bundle: Path, image: Path) -> np.ndarray:
    """The class of every pixel [H,W]."""
    if not COMMAND.exists() or shutil.which("node") is None:
        if os.environ.get("CI"):
            pytest.fail(f"{COMMAND} is not built")
        pytest.skip("needs node and the built packages (npm start)")
    command = ["node", str(COMMAND), "segment", str(image), "--system", "lmseg/cat-seg", "--labels", ",".join(LABELS)]
    done = subprocess.run(
        [*command, "--bundle", str(bundle), "--device", "cpu", "--json"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    segments = json.loads(done.stdout)["runs"][0]["segments"]
    found = np.full((120, 190), -1)
    for one in segments:
        found[coco.decode(one["segmentation"]).astype(bool)] = LABELS.index(one["label"])
    return found


def test_classes_of_pixels_are_those_of_the_method_stated_again(tmp_path: Path) -> None:
    state, image, made = write(tmp_path / "cat-seg"), picture(), words()
    image.save(tmp_path / "picture.png")
    out = tmp_path / "bundle"
    assert main(["cat-seg", str(tmp_path / "cat-seg" / "model_base.pth"), str(out)]) == 0
    begin, end = (made.token_to_id(t) for t in ("<|startoftext|>", "<|endoftext|>"))
    rows = [
        [begin, *made.encode(f"a photo of a {label} in the scene", add_special_tokens=False).ids, end]
        for label in LABELS
    ]
    scores = segment(state, image, rows)
    wanted, given = scores.argmax(0).numpy(), found_by_command(out, tmp_path / "picture.png")
    shares = np.bincount(wanted.ravel(), minlength=len(LABELS)) / wanted.size
    assert (shares > 0.02).sum() >= 3
    first, second = scores.sort(dim=0, descending=True).values[:2]
    clear = (first - second > 1e-4).numpy()
    assert clear.mean() > 0.9
    assert (given == wanted)[clear].all()


def test_few_bits_agree_with_pytorch(tmp_path: Path) -> None:
    write(tmp_path / "cat-seg")
    out = tmp_path / "out"
    assert main(["cat-seg", str(tmp_path / "cat-seg"), str(out), "--dtype", "q4"]) == 0
    manifest = json.loads((out / "bundle.json").read_text())
    assert max(manifest["origin"]["checks"].values()) < 1e-4
    assert manifest["models"]["clip-dense"]["dtype"] == "int4"
    assert manifest["models"]["spatial-0"]["dtype"] == "float16"
    assert manifest["presets"]["lmseg"]["outerResidual"] is True


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: [s.pop(n) for n in list(s) if n.startswith("upsample")], "is not CAT-Seg"),
        (lambda s: s.pop(f"{AGGREGATOR}layers.1.attention.MLP.2.bias"), "MLP.2.bias"),
        (lambda s: s.update({f"{AGGREGATOR}conv1.weight": torch.ones(64, 80, 7, 7)}), "80 sentences"),
        (lambda s: s.update({f"{AGGREGATOR}head.weight": torch.ones(1, 8, 3, 3)}), "head.weight gives"),
        (lambda s: s.pop(f"{CLIP}visual.transformer.resblocks.0.attn.q_proj_weight"), "q_proj"),
    ],
)
def test_another_layout_is_one_sentence_and_leaves_nothing(change, message: str, tmp_path: Path, capsys) -> None:
    write(tmp_path / "cat-seg", change)
    assert main(["cat-seg", str(tmp_path / "cat-seg"), str(tmp_path / "out")]) == 1
    assert message in capsys.readouterr().err
    assert [p.name for p in tmp_path.iterdir()] == ["cat-seg"]
