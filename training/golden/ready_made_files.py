"""What make_ready_made.py writes its fixtures with: drawing, exporting, other forms of a graph, files."""

import gzip
import shutil
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.matmul_bnb4_quantizer import MatMulBnb4Quantizer
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
from onnxruntime.transformers.float16 import convert_float_to_float16
from ready_made_weights import FIXTURES
from safetensors.torch import save_file
from torch import nn

DRAW = torch.Generator().manual_seed(20261126)


def normal(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=DRAW)


def uniform(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, generator=DRAW)


def without_names(path: Path) -> bytes:
    """A graph whose nodes have no names and whose inner tensors are numbered: nothing may depend on them."""
    model = onnx.load(path)
    graph = model.graph
    if any(attribute.HasField("g") for node in graph.node for attribute in node.attribute):
        return path.read_bytes()  # Graphs inside read names of the outer one.
    kept = {port.name for port in (*graph.input, *graph.output)} | {""}
    short: dict[str, str] = {}

    def named(name: str) -> str:
        return name if name in kept else short.setdefault(name, f"t{len(short)}")

    for node in graph.node:
        node.ClearField("name")
        node.input[:] = [named(name) for name in node.input]
        node.output[:] = [named(name) for name in node.output]
    for initializer in graph.initializer:
        initializer.name = named(initializer.name)
    del graph.value_info[:]
    return model.SerializeToString()


def write(name: str, files: dict[str, Path], golden: dict[str, torch.Tensor]) -> None:
    """Write a fixture. Graphs are gzipped without a time, so that the same graph is the same file."""
    folder = FIXTURES / name
    shutil.rmtree(folder, ignore_errors=True)
    for path, source in files.items():
        to = folder / path
        to.parent.mkdir(parents=True, exist_ok=True)
        if path.endswith(".onnx"):
            with gzip.GzipFile(f"{to}.gz", "wb", mtime=0) as packed:
                packed.write(without_names(source))
        else:
            shutil.copy(source, to)
    values = {key: value.detach().float().clone().contiguous() for key, value in golden.items()}
    save_file(values, folder / "golden.safetensors")


class Calls(nn.Module):
    """A function of some modules, as a module that has their weights."""

    def __init__(self, function, *modules: nn.Module) -> None:
        super().__init__()
        self.function, self.modules_used = function, nn.ModuleList(modules)

    def forward(self, *inputs: torch.Tensor):
        return self.function(*inputs)


def export(module: nn.Module, inputs: dict, outputs: dict, path: Path) -> Path:
    """torch.onnx of a wrapper. inputs: name to (example, dynamic axes); outputs: name to dynamic axes."""
    axes = {name: given for name, (_, given) in inputs.items() if given} | {k: v for k, v in outputs.items() if v}
    examples = tuple(example for example, _ in inputs.values())
    with torch.no_grad():
        torch.onnx.export(
            module.eval(), examples, path, input_names=list(inputs), output_names=list(outputs),
            dynamic_axes=axes, opset_version=17, dynamo=False,
        )  # fmt: skip
    return path


def forms(graph: Path, wanted: dict[str, str]) -> dict[str, Path]:
    """The graph in other forms, as published ones are made: dtype to the file's suffix."""
    made = {}
    for dtype, suffix in wanted.items():
        to = graph.with_name(f"{graph.stem}{suffix}.onnx")
        model = onnx.load(graph)
        if dtype in ("fp16", "fp16-edges"):
            onnx.save(convert_float_to_float16(model, keep_io_types=dtype == "fp16"), to)
        elif dtype == "q8":
            quantize_dynamic(graph, to, weight_type=QuantType.QInt8)
        elif dtype in ("q4", "q4f16"):
            quantizer = MatMulNBitsQuantizer(model, block_size=32, is_symmetric=True, accuracy_level=0)
            quantizer.process()
            model = quantizer.model.model
            if dtype == "q4f16":
                model = convert_float_to_float16(model, keep_io_types=False, op_block_list=["MatMulNBits_none"])
            onnx.save(model, to)
        elif dtype == "bnb4":
            quantizer = MatMulBnb4Quantizer(model, quant_type=MatMulBnb4Quantizer.NF4, block_size=64)
            quantizer.process()
            onnx.save(quantizer.model.model, to)
        made[dtype] = to
    return made
