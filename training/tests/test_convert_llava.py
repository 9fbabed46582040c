"""LLaVA-1.5 and LLaVA-OneVision of tiny widths: converted and asked by the SDK, they write what PyTorch writes."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from transformers.utils.chat_template_utils import render_jinja_template

from maskloom_training.convert.cli import main
from tests.llava_folder import LLAVA_TEMPLATE, ONEVISION_TEMPLATE, TinyLlava, TinyOneVision, picture

ASK = Path(__file__).with_name("ask.mjs")
QUESTION = "What is the dog on the road?"
MOST = 20


def ask(bundle: Path, recipe: str, image: Path) -> dict:
    if shutil.which("node") is None or not (ASK.parents[2] / "packages/plugins/llava/dist").exists():
        if os.environ.get("CI"):
            pytest.fail("the packages are not built")
        pytest.skip("needs node and the built packages (npm start)")
    command = ["node", str(ASK), str(bundle), recipe, str(image), QUESTION, str(MOST)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def rendered(template: str, image: str) -> str:
    turn = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": QUESTION}]}
    text, _ = render_jinja_template([[turn]], chat_template=template, add_generation_prompt=True)
    return text[0].replace("<image>", image)


@pytest.mark.parametrize("layout", ["hf", "hf-new", "original"])
def test_llava_says_what_hugging_face_says(layout: str, tmp_path: Path) -> None:
    tiny, image = TinyLlava(), picture()
    image.save(tmp_path / "picture.png")
    tiny.write(tmp_path / "llava", layout)
    assert main(["llava", str(tmp_path / "llava"), str(tmp_path / "bundle")]) == 0
    if layout == "original":
        system = (
            "A chat between a curious user and an artificial intelligence assistant. "
            "The assistant gives helpful, detailed, and polite answers to the user's questions."
        )
        whole = f"{system} USER: {'<image>' * 64}\n{QUESTION} ASSISTANT:"
    else:
        whole = rendered(LLAVA_TEMPLATE, "<image>" * 64)
    wanted = tiny.greedy(tiny.tokenizer.encode(whole).ids, image, MOST)
    given = ask(tmp_path / "bundle", "llava/language", tmp_path / "picture.png")
    assert given["ids"] == wanted
    assert len(set(wanted)) > 5
    manifest = json.loads((tmp_path / "bundle" / "bundle.json").read_text())
    assert max(manifest["origin"]["checks"].values()) < 1e-5


def test_onevision_says_what_hugging_face_says(tmp_path: Path) -> None:
    tiny, image = TinyOneVision(), picture()
    image.save(tmp_path / "picture.png")
    tiny.write(tmp_path / "ov", "hf-new")
    assert main(["onevision", str(tmp_path / "ov"), str(tmp_path / "bundle")]) == 0
    # Sixteen tokens of the view, and the one that stands for the new line behind it.
    ids = tiny.tokenizer.encode(rendered(ONEVISION_TEMPLATE, "<image>" * 17)).ids
    wanted = tiny.greedy(ids, image, MOST)
    given = ask(tmp_path / "bundle", "onevision/language", tmp_path / "picture.png")
    assert given["ids"] == wanted
    assert len(set(wanted)) > 5


@pytest.mark.parametrize(
    ("name", "dtype", "stored"), [("llava", "q8", "int8"), ("llava", "q4", "int4"), ("onevision", "f16", "float16")]
)
def test_few_bits_agree_with_pytorch_on_the_stored_weights(name: str, dtype: str, stored: str, tmp_path: Path) -> None:
    tiny, tower = (TinyLlava(), "clip-tower") if name == "llava" else (TinyOneVision(), "siglip-tower")
    tiny.write(tmp_path / name, "hf")
    out = tmp_path / "out"
    assert main([name, str(tmp_path / name), str(out), "--dtype", dtype]) == 0
    manifest = json.loads((out / "bundle.json").read_text())
    assert max(manifest["origin"]["checks"].values()) < 1e-5
    assert manifest["models"][tower]["dtype"] == stored
    assert manifest["origin"]["source"] == name and manifest["license"]


def config(folder: Path, change) -> None:
    path = folder / "config.json"
    values = json.loads(path.read_text())
    change(values)
    path.write_text(json.dumps(values))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: config(f, lambda c: c["text_config"].update(num_hidden_layers=5)), "the weights have 3"),
        (lambda f: config(f, lambda c: c["text_config"].update(num_key_value_heads=2, head_dim=16)), "for k_proj"),
        (lambda f: config(f, lambda c: c["text_config"].update(intermediate_size=80)), "MLP of 80"),
        (lambda f: config(f, lambda c: c["text_config"].update(model_type="mixtral")), "'mixtral'"),
        (lambda f: config(f, lambda c: c["vision_config"].update(num_hidden_layers=2)), "says 2 layers"),
        (lambda f: config(f, lambda c: c["vision_config"].update(image_size=224)), "257 places"),
        (lambda f: config(f, lambda c: c.update(vision_feature_layer=[-2, -1])), "several layers"),
        (lambda f: (f / "tokenizer.json").unlink(), "neither tokenizer.json"),
        (
            lambda f: (f / "chat_template.json").write_text('{"chat_template": "no image {{ messages }}"}'),
            "one <image>",
        ),
        (lambda f: (f / "model.safetensors").unlink(), "has no weights"),
        (lambda f: torch.save({"x": torch.ones(1)}, f / "model.safetensors"), "cannot be read"),
    ],
)
def test_a_spoiled_folder_is_one_sentence_and_leaves_nothing(spoil, message: str, tmp_path: Path, capsys) -> None:
    TinyLlava().write(tmp_path / "llava", "hf")
    spoil(tmp_path / "llava")
    assert main(["llava", str(tmp_path / "llava"), str(tmp_path / "out")]) == 1
    assert message in capsys.readouterr().err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["llava"]


def test_too_little_disk_is_said_before_anything_is_written(tmp_path: Path, capsys, monkeypatch) -> None:
    TinyLlava().write(tmp_path / "llava", "hf")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=200_000))
    assert main(["llava", str(tmp_path / "llava"), str(tmp_path / "out")]) == 1
    assert "there are 0.0 GB free" in capsys.readouterr().err
    assert main(["llava", str(tmp_path / "llava"), str(tmp_path / "out"), "--dtype", "q4"]) == 0


def test_a_checkpoint_of_another_kind_is_named(tmp_path: Path, capsys) -> None:
    TinyLlava().write(tmp_path / "llava", "hf")
    TinyOneVision().write(tmp_path / "ov", "hf")
    for name, folder, message in (
        ("onevision", "llava", "is a 'llava'"),
        ("llava", "ov", "is a 'llava_onevision'"),
        ("sam", "llava", "No SAM"),
        ("cat-seg", "llava", "is not CAT-Seg"),
        ("lisa", "llava", "has no hidden_size"),
    ):
        assert main([name, str(tmp_path / folder), str(tmp_path / "out")]) == 1
        assert message in capsys.readouterr().err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["llava", "ov"]
