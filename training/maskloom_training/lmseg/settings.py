"""The options of an LMSeg model. What the paper's summary leaves open is an option here; the defaults are ours."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

WEIGHTED = ("scalar", "channel", "position")
FUSIONS = (*WEIGHTED, "sum", "concat", "attention", "clip", "sam")
"""How CLIP's and SAM's features meet. The first three learn a weight; "scalar" is the default."""


@dataclass(frozen=True)
class LmsegSettings:
    """Shape of one LMSeg model.

    dim, heads, layers, window, mlp_ratio: width of the cost embedding, heads of both attentions, aggregation
    layers, side of a Swin window in cells, width of the MLPs over `dim` (CAT-Seg: 128, 4, 2, 12, 4).
    fusion: one of FUSIONS; fusion_start: the learnable weight's first value (sigmoid of the free parameter).
    spatial, classes: whether each enhancement is there.
    last_block: "value" (the last CLIP block's attention is replaced by its value projection) or "full".
    residual: what the value form adds it to, "token" (the patch itself) or "cls" (CAT-Seg's form).
    post_norm: whether CLIP's post_layernorm stands before the projection of a patch.
    taps: the two CLIP blocks (from 0) whose patch states guide the decoder; the second feeds the finer stage, as in
    CAT-Seg.
    class_cap: at most this many classes are aggregated, those of the highest cost (CAT-Seg: 256); None is no cap.
    """

    dim: int = 32
    heads: int = 4
    layers: int = 2
    window: int = 8
    mlp_ratio: int = 4
    fusion: str = "scalar"
    fusion_start: float = 0.7
    spatial: bool = True
    classes: bool = True
    last_block: str = "value"
    residual: str = "token"
    post_norm: bool = True
    taps: tuple[int, int] = (0, 1)
    class_cap: int | None = None

    def __post_init__(self) -> None:
        for name, options in (
            ("fusion", FUSIONS),
            ("last_block", ("value", "full")),
            ("residual", ("token", "cls")),
        ):
            if getattr(self, name) not in options:
                raise ValueError(f"{name} is {getattr(self, name)!r}; it must be one of {', '.join(options)}.")
        if self.dim % self.heads:
            raise ValueError(f"dim ({self.dim}) must be a multiple of heads ({self.heads}).")

    @staticmethod
    def from_dict(values: dict[str, Any]) -> LmsegSettings:
        """Raises ValueError for a name that is not an option."""
        unknown = sorted(set(values) - set(LmsegSettings.__dataclass_fields__))
        if unknown:
            raise ValueError(
                f"Unknown LMSeg option(s) {unknown}; options: {sorted(LmsegSettings.__dataclass_fields__)}."
            )
        return LmsegSettings(**{k: tuple(v) if k == "taps" else v for k, v in values.items()})

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "taps": list(self.taps)}
