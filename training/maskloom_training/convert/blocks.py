"""Weights of linear layers in blocks of few bits, as ONNX Runtime's MatMulNBits takes them.

Symmetric, 32 values a block along the input axis: the value of largest magnitude becomes the lowest code (-8 of 4 bits,
-128 of 8), codes are stored with 8 (128) added, two of 4 bits a byte, the first in its low half.
"""

from __future__ import annotations

import numpy as np

BLOCK = 32
ROWS = 1024
"""Rows that are worked at a time, so that a table of 32,000 rows costs little more than itself."""


def quantise(weight: np.ndarray, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """weight float32 [N, K] -> (codes uint8 [N, K / 32, 32 * bits / 8], scales float32 [N, K / 32]).

    Raises ValueError when K is not a multiple of 32 or `bits` neither 4 nor 8.
    """
    n, k = weight.shape
    if k % BLOCK or bits not in (4, 8):
        raise ValueError(f"No blocks of {bits} bits for {n} x {k} weights: 4 or 8 bits, width a multiple of {BLOCK}.")
    codes = np.empty((n, k // BLOCK, BLOCK * bits // 8), np.uint8)
    scales = np.empty((n, k // BLOCK), np.float32)
    half = 1 << (bits - 1)
    for at in range(0, n, ROWS):
        w = weight[at : at + ROWS].reshape(-1, k // BLOCK, BLOCK)
        extreme = np.take_along_axis(w, np.abs(w).argmax(-1)[..., None], -1)[..., 0]
        scale = (extreme / -half).astype(np.float32)
        divisor = np.where(scale == 0, np.float32(1), scale)[..., None]
        q = (np.clip(np.rint(w / divisor), -half, half - 1) + half).astype(np.uint8)
        codes[at : at + ROWS] = q if bits == 8 else q[..., 0::2] | (q[..., 1::2] << 4)
        scales[at : at + ROWS] = scale
    return codes, scales


def dequantise(codes: np.ndarray, scales: np.ndarray, bits: int) -> np.ndarray:
    """The float32 [N, K] that codes and scales stand for."""
    half = 1 << (bits - 1)
    if bits == 4:
        codes = np.stack([codes & 15, codes >> 4], axis=-1).reshape(*codes.shape[:2], BLOCK)
    values = (codes.astype(np.float32) - half) * scales[..., None]
    return values.reshape(len(codes), -1)
