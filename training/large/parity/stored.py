"""The numbers that a converted graph holds, read back from its file: what PyTorch must run to be compared with it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto

Weights = dict[str, torch.Tensor]


def stored(graph: Path, weights: Weights) -> Weights:
    """`weights` (named as in the graph) as they were stored: in blocks of few bits, rounded to float16, or as they are.

    Which of the three is read off the graph; the values of blocks are worked out from its codes and scales.
    """
    found = {tensor.name: tensor for tensor in onnx.load(str(graph), load_external_data=False).graph.initializer}
    halves = {name for name, tensor in found.items() if tensor.data_type == TensorProto.FLOAT16}
    result = {}
    for name, weight in weights.items():
        if f"{name}.codes" in found:
            codes, scales = (_values(graph, found[f"{name}.{part}"]) for part in ("codes", "scales"))
            result[name] = _unpacked(codes, scales).reshape(weight.shape)
        else:
            result[name] = weight.half().float() if name in halves else weight.float()
    return result


def halved(weights: Weights, dtype: str) -> Weights:
    """Every tensor rounded to float16, as SAM's decoder is stored in every dtype but f32."""
    return weights if dtype == "f32" else {name: weight.half().float() for name, weight in weights.items()}


def _values(graph: Path, tensor: TensorProto) -> np.ndarray:
    if tensor.data_location != TensorProto.EXTERNAL:
        return onnx.numpy_helper.to_array(tensor)
    place = {entry.key: entry.value for entry in tensor.external_data}
    kind = onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type)
    offset, shape = int(place["offset"]), tuple(tensor.dims)
    return np.array(np.memmap(graph.parent / place["location"], kind, "r", offset, shape))


def _unpacked(codes: np.ndarray, scales: np.ndarray) -> torch.Tensor:
    """MatMulNBits: codes [N,blocks,bytes] and scales -> [N, blocks * 32]; two codes of 4 bits a byte, low one first."""
    four = codes.shape[-1] == 16
    values = torch.from_numpy(codes).int()
    if four:
        values = torch.stack([values & 15, values >> 4], dim=-1).flatten(-2)
    steps = torch.from_numpy(scales).reshape(*values.shape[:2], 1)
    return (values - (8 if four else 128)).float() * steps
