"""A SAM of random weights, converted by the kit, and what PyTorch takes for it in eager mode.

    python random_sam.py OUT vit-b|small

Writes OUT/bundle (through maskloom-convert) and prints one line of JSON: milliseconds of encoder and mask decoder on the
card, or on the CPU where there is none; float32, the median of five runs after two.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

import torch
from transformers import SamConfig, SamModel

SMALL = dict(image_size=256, hidden_size=96, num_hidden_layers=4, num_attention_heads=4, mlp_dim=192,
             global_attn_indexes=[1, 3])  # fmt: skip


def random_sam(size: str) -> SamModel:
    torch.manual_seed(0)
    vision = {} if size == "vit-b" else SMALL
    side = vision.get("image_size", 1024)
    prompts = dict(image_size=side, image_embedding_size=side // 16, mask_input_channels=16)
    model = SamModel(SamConfig(vision_config=vision, prompt_encoder_config=prompts))
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.ndim > 1:
                parameter.normal_(0, 0.02)
    return model.eval()


def milliseconds(work, device: str) -> float:
    taken = []
    for _ in range(7):
        if device == "cuda":
            torch.cuda.synchronize()
        start = time.perf_counter()
        work()
        if device == "cuda":
            torch.cuda.synchronize()
        taken.append((time.perf_counter() - start) * 1000)
    return round(statistics.median(taken[2:]), 2)


@torch.no_grad()
def eager(model: SamModel) -> dict:
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = model.to(device)
    side = model.config.vision_config.image_size
    pixels = torch.randn(1, 3, side, side, device=device)
    embedding = model.get_image_embeddings(pixels)
    box = torch.tensor([[[0.2, 0.2, 0.7, 0.7]]], device=device) * side
    return {
        "device": device,
        "tf32": torch.backends.cuda.matmul.allow_tf32,
        "encoderMs": milliseconds(lambda: model.get_image_embeddings(pixels), device),
        "decoderMs": milliseconds(
            lambda: model(image_embeddings=embedding, input_boxes=box, multimask_output=False), device
        ),
    }


def main(out: Path, size: str) -> None:
    from maskloom_training.convert.cli import main as convert

    model = random_sam(size)
    model.save_pretrained(out / "sam")
    # The converter says on standard output what it compared; here that line is for the result.
    keep, sys.stdout = sys.stdout, sys.stderr
    status = convert(["sam", str(out / "sam"), str(out / "bundle")])
    sys.stdout = keep
    if status != 0:
        sys.exit(status)
    print(json.dumps({"size": size, "side": model.config.vision_config.image_size, "eager": eager(model)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
