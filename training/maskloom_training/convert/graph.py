"""An ONNX graph written operator by operator; its weights go to a `WeightFile` as they are read.

Edges and arithmetic are float32 throughout. How weights are stored is the `dtype`:

- `f32`: as float32.
- `f16`: matrices as float16 with a Cast; the numbers are those of the checkpoint rounded to float16.
- `q8`, `q4`: linear layers in blocks of 32 (`blocks.py`) by MatMulNBits with float32 arithmetic; other matrices as f16.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper

from ..checkpoint import replace_file
from .blocks import BLOCK, dequantise, quantise
from .tensors import Tensors
from .weight_file import WeightFile

OPSET = 18
DTYPES = ("f32", "f16", "q8", "q4")
SMALLEST_HALF = 4096
"""Weights of fewer elements stay float32: biases, norms, single vectors."""

Axis = int | str


class Graph:
    """Collects nodes. Values are strings, the names of what the operators gave."""

    def __init__(self, name: str, tensors: Tensors, weights: WeightFile, dtype: str) -> None:
        self.name, self.tensors, self.weights, self.dtype = name, tensors, weights, dtype
        self.stored: dict[str, torch.Tensor] | None = None
        """When a dictionary: the checkpoint's tensors as they were stored (rounded), for a comparison with PyTorch."""
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[TensorProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self._constants: dict[tuple, str] = {}
        self._names = set(tensors.names())
        self._used: set[str] = set()
        self._count = 0

    # -- edges

    def input(self, name: str, shape: Sequence[Axis], kind: int = TensorProto.FLOAT) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, kind, list(shape)))
        return name

    def output(self, value: str, name: str, shape: Sequence[Axis]) -> None:
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape)))

    # -- operators

    def op(self, kind: str, *inputs: str, domain: str = "", **attributes) -> str:
        """One operator of one output."""
        return self.split_op(kind, 1, *inputs, domain=domain, **attributes)[0]

    def split_op(self, kind: str, count: int, *inputs: str, domain: str = "", **attributes) -> list[str]:
        """One operator of several outputs."""
        names = [f"{kind}_{self._count}" if i == 0 else f"{kind}_{self._count}_{i}" for i in range(count)]
        self._count += 1
        self.nodes.append(helper.make_node(kind, list(inputs), names, domain=domain, **attributes))
        return names

    def ints(self, *values: int) -> str:
        """An int64 constant [n]."""
        return self._constant(np.array(values, np.int64))

    def integer(self, value: int) -> str:
        """An int64 constant without axes."""
        return self._constant(np.array(value, np.int64))

    def floats(self, value: float | np.ndarray) -> str:
        """A float32 constant."""
        return self._constant(np.asarray(value, np.float32))

    def _constant(self, array: np.ndarray) -> str:
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._constants:
            name = f"constant_{len(self._constants)}"
            self.initializers.append(self.weights.add(name, array))
            self._constants[key] = name
        return self._constants[key]

    def reshape(self, x: str, *shape: int) -> str:
        """As ONNX: 0 keeps an axis, -1 takes what is left."""
        return self.op("Reshape", x, self.ints(*shape))

    def transpose(self, x: str, *axes: int) -> str:
        return self.op("Transpose", x, perm=list(axes))

    def slice(self, x: str, start: int, end: int, axis: int) -> str:
        return self.op("Slice", x, self.ints(start), self.ints(end), self.ints(axis))

    def activation(self, x: str, kind: str) -> str:
        """Hugging Face's names: gelu, gelu_pytorch_tanh, quick_gelu, silu, relu."""
        if kind == "gelu":
            half = self.op("Mul", x, self.floats(0.5))
            turned = self.op("Erf", self.op("Div", x, self.floats(2**0.5)))
            return self.op("Mul", half, self.op("Add", turned, self.floats(1.0)))
        if kind in ("gelu_pytorch_tanh", "gelu_new"):
            cube = self.op("Mul", self.op("Mul", x, x), x)
            inner = self.op("Add", x, self.op("Mul", cube, self.floats(0.044715)))
            bent = self.op("Tanh", self.op("Mul", inner, self.floats((2 / np.pi) ** 0.5)))
            return self.op("Mul", self.op("Mul", x, self.floats(0.5)), self.op("Add", bent, self.floats(1.0)))
        if kind == "quick_gelu":
            return self.op("Mul", x, self.op("Sigmoid", self.op("Mul", x, self.floats(1.702))))
        if kind == "silu":
            return self.op("Mul", x, self.op("Sigmoid", x))
        if kind == "relu":
            return self.op("Relu", x)
        raise ValueError(f"The activation {kind!r} is not known: gelu, gelu_pytorch_tanh, quick_gelu, silu, relu.")

    # -- weights

    def weight(self, name: str, change=None) -> str:
        """A tensor of the checkpoint in the graph's dtype (only matrices are halved) and the form of `change`."""
        tensor = self.tensors.read(name)
        half = self.dtype != "f32" and tensor.ndim > 1 and tensor.numel() >= SMALLEST_HALF
        if half:
            tensor = tensor.half()
            if not torch.isfinite(tensor).all():
                raise ValueError(f"{name} holds values that float16 cannot; convert with --dtype f32.")
        self._note(name, tensor)
        array = (tensor if change is None else change(tensor)).numpy()
        if not half:
            return self._add(name, array)
        return self.op("Cast", self._add(name, array), to=TensorProto.FLOAT)

    def linear(self, x: str, name: str, bias: bool | None = None) -> str:
        """x @ weight.T + bias of the layer `name`; without `bias` the checkpoint says whether there is one."""
        full = f"{name}.weight"
        n, k = self.tensors.shape(full)
        if self.dtype in ("q4", "q8") and k % BLOCK == 0:
            y = self._blocks(x, full, n, k)
        else:
            y = self.op("MatMul", x, self.weight(full, lambda w: w.T.contiguous()))
        if bias if bias is not None else f"{name}.bias" in self._names:
            y = self.op("Add", y, self.weight(f"{name}.bias"))
        return y

    def rows(self, ids: str, name: str) -> str:
        """Rows of a table by number; only they are widened to float32, never the table."""
        tensor = self.tensors.read(name)
        if self.dtype != "f32":
            tensor = tensor.half()
        self._note(name, tensor)
        picked = self.op("Gather", self._add(name, tensor.numpy()), ids, axis=0)
        return picked if self.dtype == "f32" else self.op("Cast", picked, to=TensorProto.FLOAT)

    def layer_norm(self, x: str, name: str, epsilon: float) -> str:
        """LayerNorm over the last axis."""
        scale, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.op("LayerNormalization", x, scale, bias, axis=-1, epsilon=epsilon)

    def rms_norm(self, x: str, name: str, epsilon: float) -> str:
        """x / sqrt(mean(x^2) + epsilon) * weight over the last axis, in the form that ONNX Runtime fuses."""
        mean = self.op("ReduceMean", self.op("Pow", x, self.floats(2.0)), self.ints(-1))
        root = self.op("Sqrt", self.op("Add", mean, self.floats(epsilon)))
        return self.op("Mul", self.op("Div", x, root), self.weight(f"{name}.weight"))

    def _blocks(self, x: str, name: str, n: int, k: int) -> str:
        bits = int(self.dtype[1:])
        codes, scales = quantise(self.tensors.read(name).numpy(), bits)
        if self.stored is not None:
            self.stored[name] = torch.from_numpy(dequantise(codes, scales, bits))
        names = self._add(f"{name}.codes", codes), self._add(f"{name}.scales", scales)
        return self.op("MatMulNBits", x, *names, domain="com.microsoft", K=k, N=n, bits=bits, block_size=BLOCK)

    def has(self, name: str) -> bool:
        """Whether the checkpoint has a tensor of this name."""
        return name in self._names

    def _note(self, name: str, tensor: torch.Tensor) -> None:
        if self.stored is not None:
            self.stored[name] = tensor.float()

    def _add(self, name: str, array: np.ndarray) -> str:
        unique = f"{name}.{self._count}" if name in self._used else name
        self._used.add(unique)
        self.initializers.append(self.weights.add(unique, array))
        return unique

    # -- the file

    def save(self, path: Path) -> onnx.ModelProto:
        """Writes the graph beside its (closed) weight file and checks it."""
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.initializers)
        opsets = [helper.make_opsetid("", OPSET)]
        if any(node.domain == "com.microsoft" for node in self.nodes):
            opsets.append(helper.make_opsetid("com.microsoft", 1))
        model = helper.make_model(graph, opset_imports=opsets, ir_version=9, producer_name="maskloom-training")
        replace_file(path, lambda stream: stream.write(model.SerializeToString()))
        onnx.checker.check_model(str(path))
        return model
