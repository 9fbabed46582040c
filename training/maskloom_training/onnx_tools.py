"""ONNX files whose weights are stored as float16 and computed as float32, and the check of them against PyTorch.

A graph's edges and arithmetic stay float32. Before an export the PyTorch weights are rounded to the float16 grid, so
both sides run the same numbers and halving the file costs no agreement.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

from .checkpoint import replace_file

OPSET = 18
SMALLEST = 16
"""Initialisers with fewer elements stay float32: a Cast costs more than it saves."""


@torch.no_grad()
def round_to_half(module: torch.nn.Module) -> torch.nn.Module:
    """Rounds every floating-point parameter and buffer to the nearest float16, in place; returns the module.

    Raises ValueError when a weight is too large for float16 (over 65504).
    """
    for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
        if tensor.is_floating_point():
            rounded = tensor.half().to(tensor.dtype)
            if not torch.isfinite(rounded).all():
                raise ValueError(f"{name} holds values that float16 cannot.")
            tensor.copy_(rounded)
    return module


def store_weights_as_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """Moves each float32 initialiser that float16 holds exactly to a float16 one with a Cast to float32; in place.

    One that would lose precision (a table that the exporter computed) stays float32, so the graph's outputs do
    not change. ONNX Runtime folds the casts when it opens the file.
    """
    graph = model.graph
    used = {name for node in graph.node for name in node.input}
    kept, casts = [], []
    for tensor in graph.initializer:
        if tensor.name not in used:
            continue
        if tensor.data_type == TensorProto.FLOAT and np.prod(tensor.dims, dtype=int) >= SMALLEST:
            values = numpy_helper.to_array(tensor)
            with np.errstate(over="ignore"):
                half = values.astype(np.float16)
            if np.array_equal(half.astype(np.float32), values):
                kept.append(numpy_helper.from_array(half, f"{tensor.name}.half"))
                casts.append(helper.make_node("Cast", [f"{tensor.name}.half"], [tensor.name], to=TensorProto.FLOAT))
                continue
        kept.append(tensor)
    del graph.initializer[:]
    graph.initializer.extend(kept)
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    return model


def export(
    module: torch.nn.Module,
    inputs: dict[str, torch.Tensor],
    outputs: Sequence[str],
    dynamic: dict[str, dict[int, str]],
    path: Path,
) -> Path:
    """Exports `module(*inputs)` to `path` with float16-stored weights.

    inputs: example tensors by input name, in order; axes in `dynamic` ({name: {axis: symbol}}, outputs too)
    are free, the others fixed. The module must already be on the float16 grid (`round_to_half`) for
    the weights to shrink. The file is checked and written whole or not at all. It holds no source paths.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = path.with_name(f".{path.name}.{os.getpid()}.export")
    was_training = module.training
    module.eval()
    try:
        with torch.no_grad():
            torch.onnx.export(
                module,
                tuple(inputs.values()),
                str(raw),
                input_names=list(inputs),
                output_names=list(outputs),
                dynamic_axes=dynamic,
                opset_version=OPSET,
                dynamo=False,
                do_constant_folding=True,
            )
        model = onnx.load(str(raw))
    finally:
        raw.unlink(missing_ok=True)
        module.train(was_training)
    for node in model.graph.node:
        node.doc_string = ""
    store_weights_as_half(model)
    onnx.checker.check_model(model, full_check=True)
    replace_file(path, lambda stream: stream.write(model.SerializeToString()))
    return path


def open_session(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    """An ONNX Runtime session on the CPU."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def run(session: onnxruntime.InferenceSession, inputs: dict[str, torch.Tensor]) -> list[np.ndarray]:
    """All outputs for inputs given by name."""
    return session.run(None, {name: tensor.detach().cpu().numpy() for name, tensor in inputs.items()})


@torch.no_grad()
def largest_difference(
    module: torch.nn.Module, session: onnxruntime.InferenceSession, inputs: dict[str, torch.Tensor]
) -> float:
    """Largest absolute difference over all outputs between `module(*inputs)` (in eval mode) and ONNX Runtime.

    Raises AssertionError when a shape differs.
    """
    was_training = module.training
    module.eval()
    try:
        expected = module(*inputs.values())
    finally:
        module.train(was_training)
    expected = [expected] if isinstance(expected, torch.Tensor) else list(expected)
    worst = 0.0
    for one, other in zip(expected, run(session, inputs), strict=True):
        if tuple(one.shape) != tuple(other.shape):
            raise AssertionError(f"PyTorch gives {tuple(one.shape)}, ONNX Runtime {tuple(other.shape)}.")
        if one.numel():
            worst = max(worst, float(np.abs(one.cpu().numpy() - other).max()))
    return worst
