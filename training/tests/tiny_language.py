"""Small random language models for tests."""

import torch
from tokenizers import Tokenizer

from maskloom_training.llava.model import LlavaSettings, LlavaTiny
from maskloom_training.text.prompts import ACCEPT, REJECT, TEMPLATE, Prompts
from maskloom_training.text.tokenizer import train_tokenizer

PHRASES = ["the red star", "the small dotted blue ring above the star", "the water", "is there a ring?"]


def tokenizer() -> Tokenizer:
    """A tokenizer of a few sentences."""
    prompt = TEMPLATE.replace("{image}", "")
    return train_tokenizer([prompt.replace("{text}", p) + a for p in PHRASES for a in (ACCEPT, REJECT)] * 3, 512)


def prompts() -> Prompts:
    """Prompts of that tokenizer."""
    return Prompts(tokenizer())


def llava(vocabulary: int, seed: int = 0) -> LlavaTiny:
    """Two layers of width 32 over a 4 x 4 grid, with weights large enough that answers vary."""
    torch.manual_seed(seed)
    settings = LlavaSettings(
        vision_width=24, image_tokens=16, grid=4, projector_hidden=48, hidden=32, layers=2, heads=2, mlp=48,
        vocabulary=vocabulary, positions=128,
    )  # fmt: skip
    model = LlavaTiny(settings).eval()
    for parameter in model.language_model.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.3)
    return model
