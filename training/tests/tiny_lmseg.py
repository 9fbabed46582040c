"""Small random LMSeg models and scenes for tests."""

import numpy as np
import torch
from tokenizers import Tokenizer

from maskloom_training.clip.model import ClipSettings, ClipTiny
from maskloom_training.lmseg.describe import InventedClass
from maskloom_training.lmseg.model import Lmseg
from maskloom_training.lmseg.settings import LmsegSettings
from maskloom_training.lmseg.truth import LOCAL, SegmentRows
from maskloom_training.sam.config import SamTinyConfig
from maskloom_training.sam.model import SamTiny
from maskloom_training.text.scenes import NONE, Vocabulary
from maskloom_training.text.tokenizer import train_tokenizer

WORLD = {
    "sizes": ["small", "medium", "large"],
    "textures": ["plain", "striped", "dotted"],
    "colours": ["red", "blue", "green", "pink"],
    "shapes": ["circle", "square", "star", "ring"],
    "stuff": ["sky", "water", "grass", "rock"],
    "invented": [
        {"name": "blicket", "shape": "circle", "colour": "red", "texture": "plain"},
        {"name": "toma", "shape": "square", "colour": "green", "texture": "striped"},
        {"name": "ostrix", "shape": "star", "colour": "pink", "texture": "dotted"},
        {"name": "zorbit", "shape": "ring", "colour": "blue", "texture": "striped"},
        {"name": "mippet", "shape": "star", "colour": "red", "texture": "plain"},
        {"name": "gazzer", "shape": "ring", "colour": "pink", "texture": "plain"},
    ],
}


def tokenizer() -> Tokenizer:
    """A tokenizer of the words above."""
    texts = [" the plain red circle", " striped green square", " a photo of a star in the scene", " pale blue sky"]
    return train_tokenizer(texts * 3, 300)


def encoders(seed: int = 0) -> tuple[ClipTiny, SamTiny]:
    """CLIP with 2 blocks and SAM with 1, both over an 8 x 8 grid of a 64-pixel view."""
    torch.manual_seed(seed)
    clip = ClipTiny(
        ClipSettings(
            image_size=64, width=32, layers=2, mlp=64, text_width=32, text_mlp=64, projection=24, vocabulary=300,
            text_length=20,
        )
    )  # fmt: skip
    clip.clip.set_attn_implementation("eager")
    widths = {"image_size": 64, "hidden": 32, "layers": 1, "embed": 32, "stem_width": 8}
    sam = SamTiny(SamTinyConfig.from_dict(widths), "eager")
    return clip.eval(), sam.eval()


def lmseg(seed: int = 0, **options) -> Lmseg:
    """A random model; `options` are LmsegSettings."""
    clip, sam = encoders(seed)
    settings = {"dim": 16, "heads": 2, "window": 4, "taps": [0, 1], **options}
    model = Lmseg(clip, sam, LmsegSettings.from_dict(settings)).eval().requires_grad_(False)
    for name, p in model.named_parameters():  # larger than an initial state, so that every part shows in the result
        if p.ndim > 1 and not name.startswith(("clip.", "sam.", "dense_clip.", "clip_text.")):
            p.add_(torch.randn_like(p) * 0.05)
    return model


def scene_rows(pictures: int = 12, seed: int = 0) -> SegmentRows:
    """Random scenes: 3 to 5 things (ids from 1) and 2 stuff (ids from 11)."""
    rng = np.random.default_rng(seed)
    truth = SegmentRows.__new__(SegmentRows)
    truth.vocabulary = Vocabulary(*(tuple(WORLD[k]) for k in ("sizes", "textures", "colours", "shapes", "stuff")))
    truth.invented = [InventedClass(**c) for c in WORLD["invented"]]
    truth.rows = np.full((pictures, LOCAL, 5), NONE, dtype=np.int64)
    for i in range(pictures):
        for k in range(int(rng.integers(3, 6))):
            c = truth.invented[int(rng.integers(len(truth.invented)))]
            row = truth.invented_row(c) if rng.random() < 0.6 else (0, *(int(rng.integers(n)) for n in (3, 4, 4)), NONE)
            truth.rows[i, 1 + k] = (int(rng.integers(3)), *row[1:])
        for k, stuff in enumerate(rng.permutation(4)[:2]):
            truth.rows[i, 11 + k] = truth.stuff_row(int(stuff))
    return truth
