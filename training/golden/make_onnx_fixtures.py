"""Make the tiny ONNX graphs that packages/runtime is tested with.

    python golden/make_onnx_fixtures.py            (from training/; writes packages/runtime/fixtures/*.onnx)

None of them has weights worth speaking of; together they are a few KB.

- add.onnx:    sum [N,2] = x [N,2] + y [N,2]; product [N,2] = x * y. float32. N may be 0.
- concat.onnx: present [B,past+T,4] = concat(past [B,past,4], new [B,T,4], axis 1). float32. past may be 0.
- ids.onnx:    doubled [N] int64 = ids [N] int64 * 2; positive [N] bool = ids > 0.
- halves.onnx: third [N] float16 = x [N] float16 / 3; more [N] int32 = n [N] int32 + 1.
- slow.onnx:   y [M,M] = x multiplied by itself 100 times over (x [M,M] float32). Slow when M is large.
"""

from pathlib import Path

import onnx
from onnx import TensorProto as T
from onnx import helper as h

OUT = Path(__file__).resolve().parents[2] / "packages" / "runtime" / "fixtures"


def save(name: str, nodes: list, inputs: list, outputs: list, constants: tuple = ()) -> None:
    """Write one graph. inputs and outputs: (name, element type, axes)."""
    value = lambda port: h.make_tensor_value_info(*port)  # noqa: E731
    graph = h.make_graph(nodes, name, [value(p) for p in inputs], [value(p) for p in outputs], list(constants))
    model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], producer_name="maskloom")
    model.ir_version = 8
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, OUT / f"{name}.onnx")


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    save(
        "add",
        [h.make_node("Add", ["x", "y"], ["sum"]), h.make_node("Mul", ["x", "y"], ["product"])],
        [("x", T.FLOAT, ["N", 2]), ("y", T.FLOAT, ["N", 2])],
        [("sum", T.FLOAT, ["N", 2]), ("product", T.FLOAT, ["N", 2])],
    )
    save(
        "concat",
        [h.make_node("Concat", ["past", "new"], ["present"], axis=1)],
        [("past", T.FLOAT, ["B", "past", 4]), ("new", T.FLOAT, ["B", "T", 4])],
        [("present", T.FLOAT, ["B", "total", 4])],
    )
    save(
        "ids",
        [h.make_node("Mul", ["ids", "two"], ["doubled"]), h.make_node("Greater", ["ids", "zero"], ["positive"])],
        [("ids", T.INT64, ["N"])],
        [("doubled", T.INT64, ["N"]), ("positive", T.BOOL, ["N"])],
        (h.make_tensor("two", T.INT64, [], [2]), h.make_tensor("zero", T.INT64, [], [0])),
    )
    save(
        "halves",
        [h.make_node("Div", ["x", "three"], ["third"]), h.make_node("Add", ["n", "one"], ["more"])],
        [("x", T.FLOAT16, ["N"]), ("n", T.INT32, ["N"])],
        [("third", T.FLOAT16, ["N"]), ("more", T.INT32, ["N"])],
        (h.make_tensor("three", T.FLOAT16, [], [3.0]), h.make_tensor("one", T.INT32, [], [1])),
    )
    names = ["x", *[f"h{i}" for i in range(99)], "y"]
    save(
        "slow",
        [h.make_node("MatMul", [names[i], "x"], [names[i + 1]]) for i in range(100)],
        [("x", T.FLOAT, ["M", "M"])],
        [("y", T.FLOAT, ["M", "M"])],
    )


if __name__ == "__main__":
    main()
