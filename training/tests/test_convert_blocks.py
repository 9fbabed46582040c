"""Blocks of few bits: against ONNX Runtime's own tool, and what its kernel makes of them."""

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import InferenceSession
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

from maskloom_training.convert.blocks import dequantise, quantise


def weights(rows: int = 48, width: int = 96) -> np.ndarray:
    w = np.random.default_rng(0).standard_normal((rows, width)).astype(np.float32)
    w[3] = 0
    return w


def matmul_model(w: np.ndarray) -> onnx.ModelProto:
    node = helper.make_node("MatMul", ["x", "w"], ["y"])
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["T", w.shape[1]])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["T", w.shape[0]])
    graph = helper.make_graph([node], "g", [x], [y], [numpy_helper.from_array(w.T.copy(), "w")])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def test_codes_and_scales_are_those_of_onnx_runtimes_tool() -> None:
    w = weights()
    tool = MatMulNBitsQuantizer(matmul_model(w), block_size=32, is_symmetric=True)
    tool.process()
    made = {t.name: numpy_helper.to_array(t) for t in tool.model.model.graph.initializer}
    codes, scales = quantise(w, 4)
    theirs = next(v for v in made.values() if v.dtype == np.uint8)
    assert np.allclose(next(v for v in made.values() if v.dtype == np.float32).reshape(scales.shape), scales, atol=1e-7)
    # Halves may be rounded either way: codes differ by one step at most, and rarely.
    a, b = (np.stack([c & 15, c >> 4]).astype(int) for c in (codes, theirs.reshape(codes.shape)))
    used = np.abs(scales) > 0
    difference = np.abs(a - b)[:, used]
    assert difference.max() <= 1 and (difference > 0).mean() < 0.01


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("count", [1, 5, 80])
def test_the_kernel_multiplies_with_what_dequantise_says(bits: int, count: int) -> None:
    w = weights()
    codes, scales = quantise(w, bits)
    node = helper.make_node(
        "MatMulNBits", ["x", "c", "s"], ["y"], domain="com.microsoft", K=96, N=48, bits=bits, block_size=32
    )
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, ["T", 96])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, ["T", 48])
    graph = helper.make_graph(
        [node], "g", [x], [y], [numpy_helper.from_array(codes, "c"), numpy_helper.from_array(scales, "s")]
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    value = np.random.default_rng(1).standard_normal((count, 96)).astype(np.float32)
    given = InferenceSession(model.SerializeToString()).run(None, {"x": value})[0]
    restored = dequantise(codes, scales, bits)
    assert np.abs(given - value @ restored.T).max() < 5e-5
    assert np.abs(restored - w).max() < np.abs(w).max() / (1 << (bits - 1)) * 1.01


def test_widths_that_are_no_blocks_are_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 32"):
        quantise(weights(width=40), 4)
