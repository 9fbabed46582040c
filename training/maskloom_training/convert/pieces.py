"""Graphs of a bundle as pieces: each is written whole, and compared with PyTorch by a truncated twin."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.capi.onnxruntime_pybind11_state import Fail as OrtFail
from onnxruntime.capi.onnxruntime_pybind11_state import InvalidArgument as OrtInvalid

from ..manifest import describe_graph, size_and_hash
from ..onnx_tools import open_session
from .graph import Graph
from .tensors import CheckpointError, Tensors
from .weight_file import WeightFile

TOLERANCE = 1e-4
"""Largest difference allowed between a twin and PyTorch, in units of the largest output (at least 1)."""
STORED = {"f32": "float32", "f16": "float16", "q8": "int8", "q4": "int4"}

Write = Callable[[Graph], None]
Reference = Callable[[dict[str, torch.Tensor]], tuple[Callable, dict[str, torch.Tensor]]]


@dataclass(frozen=True)
class Piece:
    """One graph of a bundle."""

    id: str
    tensors: Tensors
    write: Write
    """Writes the whole graph."""
    twin: Write
    """Writes the first layers of it."""
    reference: Reference
    """From the twin's stored tensors: PyTorch's function of the inputs (a tensor or a tuple), and example inputs."""
    twin_tensors: Tensors | None = None
    """What the twin is written from, when not `tensors`."""
    dtype: str | None = None
    """In place of the bundle's."""


def write_piece(piece: Piece, folder: Path, dtype: str) -> dict:
    """Writes FOLDER/id.onnx and its weights; returns the manifest's entry of the model."""
    path = folder / f"{piece.id}.onnx"
    dtype = piece.dtype or dtype
    weights = WeightFile(path.with_name(f"{path.name}_data"))
    try:
        graph = Graph(piece.id, piece.tensors, weights, dtype)
        piece.write(graph)
        data = weights.close()
    except BaseException:
        weights.discard()
        raise
    model = graph.save(path)
    entry = {"file": path.name, **size_and_hash(path), "dtype": STORED[dtype], **describe_graph(model.graph)}
    if data is not None:
        entry["data"] = [{"file": weights.path.name, **data}]
    return entry


def check_piece(piece: Piece, dtype: str) -> float:
    """Largest difference between the twin in ONNX Runtime and PyTorch on the same stored weights.

    Raises CheckpointError when it is over `TOLERANCE`, or the tensors do not fit together.
    """
    try:
        expected, given = _both_sides(piece, dtype)
    except CheckpointError:
        raise
    except (RuntimeError, ValueError, KeyError, OrtFail, OrtInvalid) as cause:
        reason = str(cause).strip().splitlines()[0]
        raise CheckpointError(
            f"{piece.id} cannot be built: sizes of the checkpoint and of its configuration do not fit ({reason})."
        ) from cause
    worst = 0.0
    for one, other in zip(expected, given, strict=True):
        if tuple(one.shape) != other.shape:
            raise CheckpointError(f"{piece.id}: PyTorch gives {tuple(one.shape)}, the graph {other.shape}.")
        unit = max(1.0, float(one.abs().max())) if one.numel() else 1.0
        worst = max(worst, float(np.abs(one.numpy() - other).max()) / unit if one.numel() else 0.0)
    if not worst <= TOLERANCE:
        raise CheckpointError(f"{piece.id} differs from PyTorch by {worst:.1e} (allowed: {TOLERANCE:.0e}).")
    return worst


def _both_sides(piece: Piece, dtype: str) -> tuple[list[torch.Tensor], list[np.ndarray]]:
    """The twin's outputs in PyTorch and in ONNX Runtime."""
    with tempfile.TemporaryDirectory(prefix="maskloom-twin-") as folder:
        path = Path(folder) / "twin.onnx"
        weights = WeightFile(path.with_name("twin.onnx_data"))
        graph = Graph(piece.id, piece.twin_tensors or piece.tensors, weights, piece.dtype or dtype)
        graph.stored = {}
        piece.twin(graph)
        weights.close()
        graph.save(path)
        function, inputs = piece.reference(graph.stored)
        del graph
        with torch.no_grad():
            expected = function(*inputs.values())
        expected = [expected] if isinstance(expected, torch.Tensor) else list(expected)
        del function
        gc.collect()
        session = open_session(path, threads=torch.get_num_threads())
        given = session.run(None, {name: tensor.numpy() for name, tensor in inputs.items()})
    return expected, given


def file_entry(path: Path, dtype: str) -> dict:
    """The manifest's entry of a graph that holds its own weights."""
    graph = onnx.load(str(path)).graph
    return {"file": path.name, **size_and_hash(path), "dtype": STORED[dtype], **describe_graph(graph)}
