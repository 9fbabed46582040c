"""Golden names of masks by CLIP and SigLIP, for `clip/mask-names`.

    python training/golden/make_named_golden.py

Hugging Face's classes with the random weights of packages/hub/fixtures (`clip`, `siglip`): text-aligned tokens pooled under
masks, and crops around them, against sentences. Pictures and masks are drawn by formulas, which the test repeats. Writes
test/parity/golden/everything-named.json.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from ready_made_weights import FIXTURES, randomise
from safetensors.torch import load_file
from transformers import CLIPConfig, CLIPModel, SiglipConfig, SiglipModel

ROOT = Path(__file__).resolve().parents[2]
WORDS = ["a", "photo", "of", "red", "blue", "cup", "ring", "grass", "kitten", "cat"]
IDS = {word: 3 + i for i, word in enumerate(WORDS)}
LABELS = [["red cup"], ["blue ring"], ["grass"], ["cat", "kitten"]]
TEMPLATES = ["a photo of a {}", "{}"]
TEMPERATURE = 0.3
MARGIN = 0.25
SIDE, PATCH, LENGTH = 24, 8, 16
CASES = [
    # width, height, ellipses: middle x, middle y, half width, half height
    (61, 40, [(12.0, 11.5, 9.0, 7.0), (50.0, 20.0, 10.9, 19.0), (30.0, 34.0, 29.0, 3.2), (5.5, 35.5, 1.0, 1.0)]),
    (33, 75, [(16.0, 16.0, 15.5, 15.5), (8.0, 60.0, 7.0, 14.0), (16.5, 37.5, 40.0, 60.0)]),
]


def picture(width: int, height: int) -> np.ndarray:
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    return ((x * (5 + c) + y * (3 + 2 * c) + (x // 6 + y // 5) % 3 * 70) % 256).astype(np.uint8)


def ellipse(width: int, height: int, cx: float, cy: float, rx: float, ry: float) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width]
    return ((x + 0.5 - cx) / rx) ** 2 + ((y + 0.5 - cy) / ry) ** 2 <= 1


def unit(vectors: torch.Tensor) -> torch.Tensor:
    return vectors / vectors.norm(dim=-1, keepdim=True)


class Clip:
    mean, std = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]

    def __init__(self) -> None:
        config = json.loads((FIXTURES / "clip" / "config.json").read_text())
        self.model = randomise(CLIPModel(CLIPConfig.from_dict(config)))
        golden = load_file(FIXTURES / "clip" / "golden.safetensors")
        assert (self.see(golden["pixel_values"]) - golden["image_embeds"]).abs().max() < 1e-5

    def see(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.model.visual_projection(self.model.vision_model(pixels).pooler_output)

    def dense(self, pixels: torch.Tensor) -> torch.Tensor:
        """MaskCLIP, section 3.2: the last block's attention gives each patch its own value."""
        tower = self.model.vision_model
        before = tower(pixels, output_hidden_states=True).hidden_states[-2]
        layer = tower.encoder.layers[-1]
        states = before + layer.self_attn.out_proj(layer.self_attn.v_proj(layer.layer_norm1(before)))
        states = states + layer.mlp(layer.layer_norm2(states))
        return self.model.visual_projection(tower.post_layernorm(states[:, 1:]))

    def read(self, ids: list[int]) -> torch.Tensor:
        row = torch.tensor([[0, *ids, 98]])
        states = self.model.text_model(row).last_hidden_state
        return self.model.text_projection(states[:, -1])[0]


class Siglip:
    mean, std = [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]

    def __init__(self) -> None:
        config = json.loads((FIXTURES / "siglip" / "config.json").read_text())
        self.model = randomise(SiglipModel(SiglipConfig.from_dict(config)))
        golden = load_file(FIXTURES / "siglip" / "golden.safetensors")
        assert (self.see(golden["pixel_values"]) - golden["image_embed"]).abs().max() < 1e-5

    def see(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.model.vision_model(pixels).pooler_output

    def dense(self, pixels: torch.Tensor) -> torch.Tensor:
        """The pooling head, asked about each token alone."""
        tokens = self.model.vision_model(pixels).last_hidden_state
        alone = [self.model.vision_model.head(tokens[:, i : i + 1]) for i in range(tokens.shape[1])]
        return torch.stack(alone, 1)

    def read(self, ids: list[int]) -> torch.Tensor:
        row = torch.tensor([[*ids, *[1] * (LENGTH - len(ids))]])
        return self.model.text_model(row).pooler_output[0]


def pixels(rgb: np.ndarray, tower: Clip | Siglip) -> torch.Tensor:
    small = np.asarray(Image.fromarray(rgb).resize((SIDE, SIDE), Image.BICUBIC))
    values = torch.from_numpy(small.astype(np.float32)) / 255
    return ((values - torch.tensor(tower.mean)) / torch.tensor(tower.std)).permute(2, 0, 1)[None]


def by_tokens(rgb: np.ndarray, masks: list[np.ndarray], tower: Clip | Siglip) -> torch.Tensor:
    """Every pixel of a mask votes for the token of its cell, in each square of the shorter side."""
    height, width = rgb.shape[:2]
    side, longer = min(width, height), max(width, height)
    count = -(-longer // side)
    sums = torch.zeros(len(masks), tower.dense(pixels(rgb[:side, :side], tower)).shape[-1], dtype=torch.float64)
    for i in range(count):
        at = 0 if count == 1 else int(np.floor(i * (longer - side) / (count - 1) + 0.5))
        x0, y0 = (at, 0) if width >= height else (0, at)
        tokens = unit(tower.dense(pixels(rgb[y0 : y0 + side, x0 : x0 + side], tower))[0]).double()
        grid = SIDE // PATCH
        for n, mask in enumerate(masks):
            for y, x in np.argwhere(mask[y0 : y0 + side, x0 : x0 + side]):
                row, column = int((y + 0.5) * grid / side), int((x + 0.5) * grid / side)
                sums[n] += tokens[row * grid + column]
    return unit(sums).float()


def by_crops(rgb: np.ndarray, masks: list[np.ndarray], tower: Clip | Siglip, hidden: bool) -> torch.Tensor:
    height, width = rgb.shape[:2]
    fill = np.round(255 * np.array(tower.mean)).astype(np.uint8)
    found = []
    for mask in masks:
        rows, columns = np.where(mask.any(1))[0], np.where(mask.any(0))[0]
        w, h = columns[-1] + 1 - columns[0], rows[-1] + 1 - rows[0]
        side = int(min(max(width, height), np.floor(max(w, h) * (1 + 2 * MARGIN) + 0.5)))
        x0, y0 = int(np.floor(columns[0] + (w - side) / 2)), int(np.floor(rows[0] + (h - side) / 2))
        crop = np.tile(fill, (side, side, 1))
        for y in range(side):
            for x in range(side):
                iy, ix = y0 + y, x0 + x
                if 0 <= iy < height and 0 <= ix < width and (not hidden or mask[iy, ix]):
                    crop[y, x] = rgb[iy, ix]
        found.append(tower.see(pixels(crop, tower))[0])
    return unit(torch.stack(found))


def texts(tower: Clip | Siglip) -> torch.Tensor:
    rows = []
    for names in LABELS:
        sentences = [template.format(name) for name in names for template in TEMPLATES]
        read = [unit(tower.read([IDS[word] for word in sentence.split()])) for sentence in sentences]
        rows.append(unit(torch.stack(read).sum(0)))
    return torch.stack(rows)


@torch.no_grad()
def main() -> None:
    torch.set_num_threads(1)
    cases = []
    for name, tower in (("clip", Clip()), ("siglip", Siglip())):
        text = texts(tower)
        for width, height, ellipses in CASES:
            rgb = picture(width, height)
            masks = [ellipse(width, height, *one) for one in ellipses]
            ways = {
                "tokens": by_tokens(rgb, masks, tower),
                "crops shown": by_crops(rgb, masks, tower, False),
                "crops hidden": by_crops(rgb, masks, tower, True),
            }
            for way, vectors in ways.items():
                shares = torch.softmax(vectors @ text.T / TEMPERATURE, -1)
                best = shares.max(-1)
                cases.append(
                    dict(
                        tower=name, way=way, width=width, height=height, ellipses=ellipses,
                        names=[LABELS[i][0] for i in best.indices.tolist()],
                        scores=[round(score, 7) for score in best.values.tolist()],
                    )
                )  # fmt: skip
    golden = dict(
        words=IDS, labels=["|".join(names) for names in LABELS], templates=TEMPLATES, temperature=TEMPERATURE,
        margin=MARGIN, cases=cases,
    )  # fmt: skip
    target = ROOT / "test" / "parity" / "golden" / "everything-named.json"
    target.write_text(json.dumps(golden, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
