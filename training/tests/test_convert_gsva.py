"""GSVA of tiny widths: one file of a LoRA that was never merged, several [SEG] and [REJ], against its forward pass."""

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from pycocotools import mask as coco
from tokenizers import AddedToken

from maskloom_training.convert.cli import main
from maskloom_training.convert.lora import merged_lora
from maskloom_training.convert.tensors import Memory
from maskloom_training.convert.tokenizer import from_sentencepiece
from tests.lisa_folder import TinyLisa, sentencepiece_model
from tests.lisa_reference import answer
from tests.test_convert_lisa import picture, run_system

ADDED = ["[SEG]", "[REJ]", "<im_start>", "<im_end>"]
QUESTION = " What are The dog on the roadin this image? Please output segmentation masks."
RANK, MOST = 2, 24


def gsva(folder: Path, seed: int) -> TinyLisa:
    """[REJ] is as likely as [SEG]."""
    made = TinyLisa(folder, seed, added=ADDED)
    with torch.no_grad():
        made.llama.lm_head.weight[made.first_added + 1] *= 4
    return made


def unmerge(folder: Path) -> None:
    """What DeepSpeed writes of a model in training: one file, PEFT's names, updates of q and v apart."""
    shards = sorted(folder.glob("pytorch_model-*.bin"))
    state = {k: v for shard in shards for k, v in torch.load(shard).items()}
    for path in (*shards, folder / "pytorch_model.bin.index.json", folder / "added_tokens.json"):
        path.unlink()
    written = {}
    for name, value in state.items():
        if name.endswith(("q_proj.weight", "v_proj.weight")) and name.startswith("model.layers."):
            layer = f"base_model.model.{name.removesuffix('.weight')}"
            down, up = torch.randn(RANK, value.shape[1]) * 0.1, torch.randn(value.shape[0], RANK) * 0.1
            written[f"{layer}.lora_A.default.weight"] = down
            written[f"{layer}.lora_B.default.weight"] = up
            value = value - 16 / RANK * up @ down
        written[f"base_model.model.{name}"] = value
    torch.save(written, folder / "gsva-7b-ft-gres.bin")


def test_several_masks_and_rejections_are_those_of_its_own_forward_pass(tmp_path: Path) -> None:
    image = picture()
    words = from_sentencepiece(sentencepiece_model())
    words.add_tokens([AddedToken(t, lstrip=True, rstrip=True, normalized=False) for t in ADDED])
    seg, rej = (words.token_to_id(t) for t in ADDED[:2])
    for seed in range(10, 300):
        model = gsva(tmp_path, seed)
        wanted = answer(model, words, image, QUESTION, MOST)
        ids = wanted.ids
        if min(ids, default=0) >= 259 and len(ids) < MOST and ids.count(seg) == 2 and rej in ids:
            break
    else:
        raise AssertionError("No seed gives such an answer.")
    model.write()
    unmerge(model.folder)
    bundle = tmp_path / "bundle"
    assert main(["gsva", str(model.folder / "gsva-7b-ft-gres.bin"), str(bundle)]) == 0
    assert json.loads((bundle / "bundle.json").read_text())["recipes"]["stacked-seg/several"]["trainedFor"] is True
    Image.fromarray(image).save(tmp_path / "image.png")
    run = run_system("stacked-seg/several", tmp_path / "image.png", bundle)
    assert run["answer"] == wanted.text and "[REJ]" in wanted.text
    assert len(run["segments"]) == 2
    for one, logits in zip(run["segments"], wanted.masks, strict=True):
        given, expected = coco.decode(one["segmentation"]).astype(bool), (logits > 0).numpy()
        assert (given & expected).sum() / max(1, (given | expected).sum()) >= 0.995
        assert "[REJ]" not in one["label"]


def test_updates_are_merged_as_they_are_read() -> None:
    torch.manual_seed(0)
    base, down, up = torch.randn(6, 4), torch.randn(2, 4), torch.randn(6, 2)
    merged = merged_lora(Memory({
        "base_model.model.model.q.base_layer.weight": base,
        "base_model.model.model.q.lora_A.default.weight": down,
        "base_model.model.model.q.lora_B.default.weight": up,
        "base_model.model.model.k.weight": base,
    }))  # fmt: skip
    assert sorted(merged.names()) == ["model.k.weight", "model.q.weight"]
    assert np.allclose(merged.read("model.q.weight"), base + 8 * up @ down, atol=1e-5)
    assert np.allclose(merged.read("model.k.weight"), base)
    plain = Memory({"model.q.weight": base})
    assert merged_lora(plain) is plain
