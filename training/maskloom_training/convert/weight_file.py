"""One file of weights beside a graph (ONNX external data), written front to back and hashed on the way."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper

ALIGNMENT = 4096
"""Offsets are multiples of a page, so that ONNX Runtime can map them."""
SMALL_BYTES = 1024
"""Tensors up to this size stand in the graph itself, where shape inference sees them."""


class WeightFile:
    """Takes arrays one after the other; none is kept. `path` appears only when `close` was called."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bytes = 0
        self._hash = hashlib.sha256()
        self._part = path.with_name(f".{path.name}.{os.getpid()}.part")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = open(self._part, "wb")

    def add(self, name: str, array: np.ndarray) -> TensorProto:
        """The initialiser of an array: its bytes go to the file when there are many."""
        array = array if array.flags.c_contiguous else np.ascontiguousarray(array)
        kind = helper.np_dtype_to_tensor_dtype(array.dtype)
        if array.nbytes <= SMALL_BYTES:
            return helper.make_tensor(name, kind, array.shape, array.tobytes(), raw=True)
        self._write(b"\0" * (-self.bytes % ALIGNMENT))
        tensor = TensorProto(name=name, data_type=kind, dims=array.shape, data_location=TensorProto.EXTERNAL)
        for key, value in (("location", self.path.name), ("offset", self.bytes), ("length", array.nbytes)):
            tensor.external_data.add(key=key, value=str(value))
        self._write(memoryview(array).cast("B"))
        return tensor

    def close(self) -> dict | None:
        """Puts the file in its place: {"bytes", "sha256"}. None, and no file, when nothing was written."""
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        if self.bytes == 0:
            self._part.unlink()
            return None
        os.replace(self._part, self.path)
        return {"bytes": self.bytes, "sha256": self._hash.hexdigest()}

    def discard(self) -> None:
        """Leaves nothing behind."""
        self._stream.close()
        self._part.unlink(missing_ok=True)

    def _write(self, data: bytes | memoryview) -> None:
        self._stream.write(data)
        self._hash.update(data)
        self.bytes += len(data)


def external_bytes(model: onnx.ModelProto) -> int:
    """Bytes of weights that a graph keeps beside itself."""
    return sum(
        int(entry.value)
        for tensor in model.graph.initializer
        for entry in tensor.external_data
        if entry.key == "length"
    )
