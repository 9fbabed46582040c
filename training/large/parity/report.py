"""What a comparison found, and what it may differ by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import torch

MASK_IOU = 0.995
STATES = 1e-3
POINTS_PX = 0.01
"""Coordinates cross as float32 and are thousands of pixels at most."""


@dataclass(frozen=True)
class Row:
    """One figure of one form of one checkpoint."""

    case: str
    dtype: str
    what: str
    value: float | str
    limit: str
    good: bool

    def json(self) -> dict:
        return asdict(self)


@dataclass(frozen=True)
class Compare:
    """Makes rows of one form of one checkpoint."""

    case: str
    dtype: str

    def masks(self, what: str, given: Iterable[torch.Tensor], wanted: Iterable[torch.Tensor]) -> Row:
        """Lowest IoU of bool [H,W] masks; none of PyTorch's may be nearly empty or nearly full."""
        pairs = list(zip(given, wanted, strict=True))
        for _, mask in pairs:
            if not 0.02 < float(mask.float().mean()) < 0.98:
                raise ValueError(f"{what}: a mask of {float(mask.float().mean()):.1%} proves little.")
        lowest = min(float((a & b).sum() / (a | b).sum()) for a, b in pairs)
        return Row(
            self.case, self.dtype, f"{what}: lowest IoU of {len(pairs)}", lowest, f">= {MASK_IOU}", lowest >= MASK_IOU
        )

    def states(self, what: str, given: torch.Tensor, wanted: torch.Tensor, limit: float = STATES) -> Row:
        """Largest difference of tensors whose values are of the order of one."""
        if given.shape != wanted.shape:
            raise ValueError(f"{what}: PyTorch gives {tuple(wanted.shape)}, the SDK {tuple(given.shape)}.")
        if float(wanted.std()) < 0.01:
            raise ValueError(f"{what}: values that hardly vary prove little.")
        most = float((given - wanted).abs().max())
        return Row(self.case, self.dtype, what, most, f"within {limit:g}", most <= limit)

    def same(self, what: str, given: object, wanted: object) -> Row:
        """Equal or not."""
        equal = given == wanted
        return Row(
            self.case, self.dtype, what, "identical" if equal else f"{given!r}, not {wanted!r}", "identical", equal
        )
