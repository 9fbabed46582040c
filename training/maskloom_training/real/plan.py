"""What one GPU needs, said before anything is loaded: parameters are counted on PyTorch's meta device, and so is what
autograd keeps of the language model's layers.

Not counted: the CUDA context (about 0.5 GB), the allocator's fragments, DeepSpeed's and FSDP's transfer buffers.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from .shape import Shape, shape_of

ENGINES = ("ddp", "fsdp", "zero-2", "zero-3")
GIB = 2**30
MOMENTS = 8
"""Bytes AdamW keeps of a trained weight: two float32 moments."""


@dataclass(frozen=True)
class Need:
    """Bytes on one GPU. gathered: weights that are whole for a while; buckets: what DDP copies gradients to."""

    weights: int
    gradients: int
    optimizer: int
    gathered: int
    buckets: int
    activations: int

    @property
    def total(self) -> int:
        return self.weights + self.gradients + self.optimizer + self.gathered + self.buckets + self.activations


def bytes_of(module: nn.Module, trained: bool) -> int:
    """Bytes of the parameters that are trained, or of those that are not; one counts once."""
    return sum(p.numel() * p.element_size() for p in module.parameters() if p.requires_grad == trained)


def need(module: nn.Module, engine: str, processes: int, activations: int, layers: str = "DecoderLayer") -> Need:
    """What `engine` keeps on each of `processes` GPUs for a module (on any device) whose step keeps `activations`.

    - ddp: everything whole, and gradients once more in its buckets.
    - fsdp: weights, gradients and moments in parts; whole for a while are two layers that are sharded by themselves
      (`layers`: the end of their class's name) and all that is in none, which stays gathered through the step.
    - zero-2: weights whole, gradients and moments in parts, with a copy of what is trained.
    - zero-3: all of that in parts; whole for a while as in fsdp, but the largest child by itself instead of all.
    """
    frozen, trained = bytes_of(module, False), bytes_of(module, True)
    count = sum(p.numel() for p in module.parameters() if p.requires_grad)
    moments = count * MOMENTS
    if processes == 1 or engine == "ddp":
        buckets = trained if processes > 1 else 0
        return Need(frozen + trained, trained, moments, 0, buckets, activations)
    own = [sum(p.numel() * p.element_size() for p in m.parameters()) for m in module.modules() if _is(m, layers)]
    largest, in_layers = max(own, default=0), sum(own)
    part = lambda n: -(-n // processes)  # noqa: E731
    if engine == "fsdp":
        gathered = frozen + trained - in_layers + 2 * largest
        return Need(part(frozen + trained), part(trained), part(moments), gathered, 0, activations)
    moments += 4 * count
    if engine == "zero-2":
        return Need(frozen + trained, part(trained), part(moments), 0, 0, activations)
    single = max(sum(q.numel() * q.element_size() for q in m.parameters(recurse=False)) for m in module.modules())
    gathered = max(2 * largest, single)
    return Need(part(frozen + trained), part(trained), part(moments), gathered, 0, activations)


def _is(module: nn.Module, ending: str) -> bool:
    return type(module).__name__.endswith(ending)


def kept_by_layers(language: nn.Module, shape: Shape, checkpointing: bool) -> int:
    """Bytes that autograd keeps of the language model: counted on the meta device with one layer and with two.

    With checkpointing a layer keeps its input, and one at a time all the rest. The head's logits come on top, in the
    answers' places alone.
    """
    layers = language.model.layers
    total = len(layers)
    counts = []
    for n in (1, 2):
        language.model.layers = layers[:n]
        counts.append(_kept(language, shape))
    language.model.layers = layers
    each, rest = counts[1] - counts[0], 2 * counts[0] - counts[1]
    width = language.config.hidden_size
    between = shape.rows * shape.tokens * width * shape.bytes
    logits = shape.answers * language.config.vocab_size * 4 * 3
    return rest + logits + (total * between + each if checkpointing else total * each)


def _kept(language: nn.Module, shape: Shape) -> int:
    kept: dict[int, int] = {}
    own = {p.untyped_storage()._cdata for p in language.parameters()}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        # The meta device takes the plain attention; fused kernels, which GPUs and CPUs take, keep no scores.
        scores = tensor.dim() > 2 and tensor.shape[-2:] == (shape.tokens, shape.tokens)
        if storage._cdata not in own and not scores:
            kept[storage._cdata] = storage.nbytes()
        return tensor

    dtype = torch.bfloat16 if shape.bytes == 2 else torch.float32
    rows = torch.empty(shape.rows, shape.tokens, language.config.hidden_size, dtype=dtype, device="meta")
    rows.requires_grad_(True)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        with torch.autocast("cpu", torch.bfloat16, enabled=shape.bytes == 2):
            inner, states = language.model, rows
            turns = inner.rotary_emb(rows, torch.arange(shape.tokens, device="meta")[None])
            for layer in inner.layers:
                states = layer(states, attention_mask=None, position_embeddings=turns)
            states = inner.norm(states)
    del states
    return sum(kept.values())


def plan(config: dict, processes: int, engines: list[str]) -> str:
    """The table that `--plan` prints."""
    with torch.device("meta"):
        shape = shape_of(config)
    module = shape.module
    activations = shape.other
    if shape.language is not None:
        activations += kept_by_layers(shape.language, shape, config["checkpointing"])
    count = {kind: sum(p.numel() for p in module.parameters() if p.requires_grad == kind) for kind in (True, False)}
    lines = [
        f"{config['recipe']}: {count[True] + count[False]:,} weights, {count[True]:,} of them trained "
        f"({', '.join(f'{n} {c:,}' for n, c in shape.parts().items())})",
        f"{processes} processes, {config['parts']} parts of {config['batch']} picture(s): "
        f"{config['parts'] // processes} part(s) one after the other in each; "
        f"{'bfloat16' if config['bfloat16'] else 'float32'}, "
        f"checkpointing {'on' if config['checkpointing'] else 'off'}",
        f"each part: {shape.rows} rows of {shape.tokens} tokens"
        if shape.language is not None
        else f"each part: {config['batch']} picture(s), {config['model']['classes']} classes",
        "GiB on one GPU    weights gradients optimizer gathered buckets activations  total",
    ]
    for engine in engines:
        n = need(module, engine, processes, activations)
        cells = (n.weights, n.gradients, n.optimizer, n.gathered, n.buckets, n.activations, n.total)
        widths = (9, 9, 9, 8, 7, 11, 6)
        lines.append(f"{engine:16}" + " ".join(f"{c / GIB:{w}.2f}" for c, w in zip(cells, widths, strict=True)))
    start = (bytes_of(module, True) + bytes_of(module, False)) / GIB
    saved = start + MOMENTS * count[True] / GIB
    lines.append(f"host memory at the start: {start:.1f} GiB a process; a checkpoint: {saved:.1f} GiB")
    if config["parts"] % processes:
        lines.append(f"{config['parts']} parts cannot be shared out evenly among {processes} processes: set 'parts'.")
    return "\n".join(lines)
