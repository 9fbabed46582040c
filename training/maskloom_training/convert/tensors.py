"""Tensors of a checkpoint by name, read one at a time: a checkpoint of any size costs the memory of one tensor."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol, TypeVar

import torch
from safetensors import safe_open

from ..checkpoint import SCHEMA

T = TypeVar("T")
REOPEN_BYTES = 1 << 30
"""Mapped files are opened anew after so much was read: pages that were touched count as memory until then."""


class CheckpointError(ValueError):
    """A checkpoint that cannot be converted: the message says what is wrong and what to do."""


class Tensors(Protocol):
    """Named tensors; nothing is read before it is asked for."""

    def names(self) -> list[str]: ...
    def shape(self, name: str) -> tuple[int, ...]: ...
    def read(self, name: str) -> torch.Tensor:
        """The tensor as float32, on the CPU. Raises CheckpointError when there is none of that name."""
        ...


class Memory:
    """Tensors that are in memory already."""

    def __init__(self, tensors: dict[str, torch.Tensor]) -> None:
        self.tensors = tensors

    def names(self) -> list[str]:
        return list(self.tensors)

    def shape(self, name: str) -> tuple[int, ...]:
        return tuple(self._find(name).shape)

    def read(self, name: str) -> torch.Tensor:
        return self._find(name).detach().float().contiguous()

    def _find(self, name: str) -> torch.Tensor:
        return found(self.tensors, name)


class Renamed:
    """A view of some tensors under other names.

    `rename` gives the new name of an old one, or None for one that is left out.
    """

    def __init__(self, inner: Tensors, rename: Callable[[str], str | None]) -> None:
        self.inner = inner
        self.old: dict[str, str] = {}
        for name in inner.names():
            new = rename(name)
            if new is not None:
                self.old[new] = name

    def names(self) -> list[str]:
        return list(self.old)

    def shape(self, name: str) -> tuple[int, ...]:
        return self.inner.shape(found(self.old, name))

    def read(self, name: str) -> torch.Tensor:
        return self.inner.read(found(self.old, name))


def under(inner: Tensors, *prefixes: str) -> Renamed:
    """The tensors below the first of `prefixes` that has any, without it."""
    names = inner.names()
    for prefix in prefixes:
        if any(name.startswith(prefix) for name in names):
            return Renamed(inner, lambda name, p=prefix: name[len(p) :] if name.startswith(p) else None)
    raise CheckpointError(f"The checkpoint has no tensors under {' or '.join(repr(p) for p in prefixes)}.")


class FewRows:
    """A view that cuts long tables to their first `rows`: a truncated twin needs no whole vocabulary."""

    def __init__(self, inner: Tensors, tables: tuple[str, ...], rows: int = 64) -> None:
        self.inner, self.tables, self.rows = inner, tables, rows

    def names(self) -> list[str]:
        return self.inner.names()

    def shape(self, name: str) -> tuple[int, ...]:
        shape = self.inner.shape(name)
        return (min(self.rows, shape[0]), *shape[1:]) if name in self.tables else shape

    def read(self, name: str) -> torch.Tensor:
        tensor = self.inner.read(name)
        return tensor[: self.rows].clone() if name in self.tables else tensor


class WithRow:
    """A view in which row `at` of the table `name` is another vector; at the table's end it is a row more."""

    def __init__(self, inner: Tensors, name: str, at: int, row: torch.Tensor) -> None:
        rows, width = inner.shape(name)
        if at > rows or row.numel() != width:
            raise CheckpointError(f"{name} has {rows} rows of {width}: no row {at} of {row.numel()} can be put there.")
        self.inner, self.name, self.at, self.row = inner, name, at, row

    def names(self) -> list[str]:
        return self.inner.names()

    def shape(self, name: str) -> tuple[int, ...]:
        rows, *rest = self.inner.shape(name)
        return (max(rows, self.at + 1), *rest) if name == self.name else (rows, *rest)

    def read(self, name: str) -> torch.Tensor:
        tensor = self.inner.read(name)
        if name != self.name:
            return tensor
        if self.at == len(tensor):
            return torch.cat([tensor, self.row.float().reshape(1, -1)])
        tensor[self.at] = self.row
        return tensor


class Derived:
    """Tensors that are worked out of others: by name, the other's name and what is made of it."""

    def __init__(self, inner: Tensors, table: dict[str, tuple[str, Callable[[torch.Tensor], torch.Tensor]]]) -> None:
        self.inner, self.table = inner, table

    def names(self) -> list[str]:
        return list(self.table)

    def shape(self, name: str) -> tuple[int, ...]:
        old, change = found(self.table, name)
        return tuple(change(torch.empty(self.inner.shape(old), device="meta")).shape)

    def read(self, name: str) -> torch.Tensor:
        old, change = found(self.table, name)
        return change(self.inner.read(old)).contiguous()


class _SafeFile:
    """A safetensors file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.file = safe_open(path, framework="pt")

    def names(self) -> list[str]:
        return list(self.file.keys())

    def shape(self, name: str) -> tuple[int, ...]:
        return tuple(self.file.get_slice(name).get_shape())

    def raw(self, name: str) -> torch.Tensor:
        return self.file.get_tensor(name)


class _TorchFile:
    """A file of torch.save, mapped where its format allows it. Nothing in it is run (weights_only)."""

    def __init__(self, path: Path) -> None:
        try:
            saved = torch.load(path, map_location="cpu", mmap=True, weights_only=True)
        except RuntimeError:
            # The format before PyTorch 1.6 cannot be mapped: it is read whole.
            saved = torch.load(path, map_location="cpu", weights_only=True)
        for key in ("model", "state_dict"):
            if isinstance(saved, dict) and isinstance(saved.get(key), dict):
                saved = saved[key]
        if isinstance(saved, dict) and saved.get("schema") == SCHEMA:
            # The kit's own: modules by name, each a state dictionary.
            saved = {
                f"{part}.{name}": value for part, state in saved["modules"].items() for name, value in state.items()
            }
        self.tensors = {k: v for k, v in saved.items() if isinstance(v, torch.Tensor)}

    def names(self) -> list[str]:
        return list(self.tensors)

    def shape(self, name: str) -> tuple[int, ...]:
        return tuple(self.tensors[name].shape)

    def raw(self, name: str) -> torch.Tensor:
        return self.tensors[name]


class Files:
    """Tensors of checkpoint files (.safetensors, .bin, .pth, .pt), one of them open at a time."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.where: dict[str, Path] = {}
        self.shapes: dict[str, tuple[int, ...]] = {}
        self._open: tuple[Path, _SafeFile | _TorchFile] | None = None
        self._read = 0
        for path in paths:
            file = self._file(path)
            for name in file.names():
                self.where[name] = path
                self.shapes[name] = file.shape(name)

    def names(self) -> list[str]:
        return list(self.where)

    def shape(self, name: str) -> tuple[int, ...]:
        return found(self.shapes, name)

    def read(self, name: str) -> torch.Tensor:
        tensor = self._file(found(self.where, name)).raw(name)
        self._read += tensor.numel() * tensor.element_size()
        return tensor.detach().to(torch.float32, copy=True).contiguous()

    def _file(self, path: Path) -> _SafeFile | _TorchFile:
        if self._open is None or self._open[0] != path or self._read > REOPEN_BYTES:
            self._open = None
            self._read = 0
            try:
                self._open = (path, _SafeFile(path) if path.suffix == ".safetensors" else _TorchFile(path))
            except Exception as cause:
                raise CheckpointError(
                    f"{path} cannot be read ({type(cause).__name__}: {str(cause).splitlines()[0]}). "
                    "It may be cut short; fetch it again."
                ) from cause
        return self._open[1]


def checkpoint_files(folder: Path) -> list[Path]:
    """The weight files of a Hugging Face folder, safetensors first; of an index every shard must be there."""
    for index in ("model.safetensors.index.json", "pytorch_model.bin.index.json"):
        if (folder / index).is_file():
            shards = sorted(set(json.loads((folder / index).read_text())["weight_map"].values()))
            missing = [s for s in shards if not (folder / s).is_file()]
            if missing:
                raise CheckpointError(f"{folder} lacks {', '.join(missing)}, which {index} names. Fetch it again.")
            return [folder / s for s in shards]
    for name in ("model.safetensors", "pytorch_model.bin"):
        if (folder / name).is_file():
            return [folder / name]
    files = sorted([*folder.glob("*.safetensors"), *folder.glob("*.pth"), *folder.glob("*.bin")])
    if not files:
        raise CheckpointError(f"{folder} has no weights (*.safetensors, *.bin or *.pth).")
    return files


def open_tensors(source: Path) -> Tensors:
    """The tensors of a folder or of one file."""
    if source.is_dir():
        return Files(checkpoint_files(source))
    if source.is_file():
        return Files([source])
    raise CheckpointError(f"There is no checkpoint at {source}.")


def found(table: dict[str, T], name: str) -> T:
    """table[name], or a CheckpointError that names the nearest there is."""
    if name in table:
        return table[name]
    tail = name.split(".")[-2:]
    near = next((n for n in table if n.split(".")[-2:] == tail), None)
    hint = f" (there is {near!r})" if near else ""
    raise CheckpointError(f"The checkpoint has no tensor {name!r}{hint}. Is it the kind of checkpoint that was named?")
