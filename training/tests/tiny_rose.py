"""Small random ROSE parts for tests."""

import torch
from tokenizers import Tokenizer

from maskloom_training.onevision.model import OneVisionSettings, OneVisionTiny
from maskloom_training.onevision.prompts import DECODE, INSTRUCTIONS, TEMPLATE, OneVisionPrompts, stacked_answer
from maskloom_training.rose.analyzer import PatchAnalyzer
from maskloom_training.rose.recipes import RECIPES, RoseWeights
from maskloom_training.rose.targets import Target, describe
from maskloom_training.sam.config import SamTinyConfig
from maskloom_training.sam.model import SamTiny
from maskloom_training.segment.projection import SegProjection
from maskloom_training.siglip.model import SiglipSettings, SiglipTiny
from maskloom_training.text.tokenizer import train_tokenizer

NAMES = ["circle", "square", "sky", "water"]


def tokenizer() -> Tokenizer:
    """A tokenizer of a few sentences."""
    texts = [TEMPLATE.replace("{image}", "").replace("{text}", t) for t in INSTRUCTIONS.values()]
    texts += [stacked_answer(NAMES), DECODE] + [f" {n}." for n in NAMES]
    return train_tokenizer(texts * 3, 512)


def prompts() -> OneVisionPrompts:
    """Prompts of that tokenizer."""
    return OneVisionPrompts(tokenizer())


def onevision(vocabulary: int, seed: int = 0) -> OneVisionTiny:
    """Two layers of width 32 over a 16 x 16 grid, with weights large enough that answers vary."""
    torch.manual_seed(seed)
    settings = OneVisionSettings(
        vision_width=24, image_tokens=256, grid=16, projector_hidden=48, hidden=32, layers=2, heads=2, mlp=48,
        vocabulary=vocabulary, positions=512,
    )  # fmt: skip
    model = OneVisionTiny(settings).eval()
    for parameter in model.language_model.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.3)
        else:
            torch.nn.init.normal_(parameter, mean=0.0 if parameter.shape[0] == 0 else 1.0, std=0.05)
    return model


def sam(seed: int = 0) -> SamTiny:
    """One layer of width 32."""
    torch.manual_seed(seed)
    config = SamTinyConfig(hidden=32, layers=1, heads=2, embed=16, decoder_heads=2, decoder_mlp=32, iou_hidden=16)
    return SamTiny(config, "eager").eval().requires_grad_(False)


def siglip(vocabulary: int, seed: int = 0) -> SiglipTiny:
    """One layer of width 24 per tower."""
    torch.manual_seed(seed)
    settings = SiglipSettings(
        width=24, layers=1, heads=2, mlp=32, text_width=24, text_layers=1, text_mlp=32, text_length=12, projection=20,
        vocabulary=vocabulary,
    )  # fmt: skip
    return SiglipTiny(settings).eval()


def weights(vocabulary: int, recipe: str = "rose/patch") -> RoseWeights:
    """A row's weights with random heads."""
    model, decoder = onevision(vocabulary), sam()
    torch.manual_seed(3)
    if RECIPES[recipe].unit == "stacked":
        return RoseWeights(model, decoder, None, SegProjection(32, 16)).eval().requires_grad_(False)
    return RoseWeights(model, decoder, PatchAnalyzer(32, 16, 20, 40), None).eval().requires_grad_(False)


def rectangle(id: int, name: str, thing: bool, box: tuple[int, int, int, int]) -> Target:
    """A target that fills a box [x0, y0, x1, y1] of a 128 x 128 picture."""
    import numpy as np

    mask = np.zeros((128, 128), bool)
    mask[box[1] : box[3], box[0] : box[2]] = True
    return describe(id, name, NAMES.index(name) + 1, thing, mask, 16)
