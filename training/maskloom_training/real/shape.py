"""The modules of a configuration and the sizes of a step, for the plan; nothing here is filled with numbers when made
on the meta device."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

QUESTION, ANSWER = 60, 16
"""Tokens taken for a question with its template, and for an answer."""


@dataclass(frozen=True)
class Shape:
    """module: all weights. language: the model whose layers are counted, None where there is none. rows, tokens,
    answers: sequences of a part, their length, and places whose token is learnt. bytes: of an activation. other: bytes
    that the rest keeps, its largest moment included.
    """

    module: nn.Module
    language: nn.Module | None
    rows: int
    tokens: int
    answers: int
    bytes: int
    other: int

    def parts(self) -> dict[str, int]:
        """Weights of each child; what two have is the first's."""
        counts: dict[str, int] = {}
        for name, parameter in self.module.named_parameters():
            child = name.split(".")[0]
            counts[child] = counts.get(child, 0) + parameter.numel()
        return counts


def shape_of(config: dict) -> Shape:
    """The shape of a configuration. Call it under torch.device("meta")."""
    size = 2 if config["bfloat16"] else 4
    sam = config["model"]["sam"]
    # Where SAM's encoder attends over its whole grid: scores, what the softmax gives, and the positions' terms.
    whole = 3 * (sam["image_size"] // sam["patch_size"]) ** 4 * sam["heads"] * size
    if config["system"] == "segment":
        from .lisa import Lisa

        lisa = Lisa(config["model"], config["bfloat16"])
        rows = config["batch"] * config["phrases"]
        tokens = min(config["max_tokens"], lisa.image_tokens + QUESTION + ANSWER)
        return Shape(lisa, lisa.language, rows, tokens, rows * ANSWER, size, whole)
    if config["system"] == "rose":
        from .rose_weights import RoseModel

        model = RoseModel(config["model"], config["recipe"], config["bfloat16"])
        settings = model.weights.model.settings
        tower = model.siglip.settings
        # SigLIP's patch embedding is trained, so that its layers keep what LLaMA's layers keep, about; here 14 widths.
        kept = config["batch"] * settings.image_tokens * tower.width * 14 * size * tower.layers
        language = model.weights.model.language_model
        tokens = settings.image_tokens + QUESTION + ANSWER
        return Shape(model, language, config["batch"], tokens, config["batch"] * ANSWER, size, kept + whole)
    from .lmseg import lmseg_model

    lmseg, _ = lmseg_model(config["model"], config["tune"])
    settings, classes = lmseg.settings, config["model"]["classes"]
    grid = lmseg.clip.settings.image_size // lmseg.clip.settings.patch_size
    # The aggregator's maps: about 30 of the cost's width for each layer; the decoder at two and four times the side.
    maps = config["batch"] * classes * grid**2 * settings.dim * size * (30 * settings.layers + 12 * 2 + 12 * 4)
    return Shape(
        lmseg, None, 0, 0, 0, size, maps + whole * config["batch"] * len(config["model"]["sam"]["global_layers"])
    )
