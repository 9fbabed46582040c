"""What CAT-Seg and LMSeg share: CLIP's dense side as a piece, and the small graphs behind it, exported and compared."""

from __future__ import annotations

import copy
from collections.abc import Callable

import torch
from transformers import CLIPVisionConfig, CLIPVisionModel

from ..llava.export import Graph
from ..onnx_tools import export, largest_difference, open_session, round_to_half
from .folder import BundleFolder
from .pieces import TOLERANCE, Piece, file_entry
from .tensors import CheckpointError, Tensors
from .vision import DenseForm, clip_dense


def dense_piece(tensors: Tensors, config: CLIPVisionConfig, form: DenseForm) -> Piece:
    """CLIP's vision side with its taps; the twin has three layers."""
    small = copy.deepcopy(config)
    small.num_hidden_layers = min(3, config.num_hidden_layers)
    small._attn_implementation = "eager"
    twin = DenseForm((0, 1), form.residual, form.last_block, form.post_norm)

    def reference(stored: dict[str, torch.Tensor]):
        model = CLIPVisionModel(small).eval()
        model.load_state_dict(stored, strict=False)
        projection = stored["visual_projection.weight"]

        def forward(pixels: torch.Tensor):
            states = model(pixels, output_hidden_states=True).hidden_states
            last, before = model.encoder.layers[-1], states[-2]
            alone = states[-1]
            if form.last_block == "value":
                value = last.self_attn.out_proj(last.self_attn.v_proj(last.layer_norm1(before)))
                alone = (before[:, :1] if form.residual == "cls" else before) + value
                alone = alone + last.mlp(last.layer_norm2(alone))
            patches = model.post_layernorm(alone[:, 1:]) if form.post_norm else alone[:, 1:]
            return patches @ projection.T, states[1][:, 1:], states[2][:, 1:]

        side = config.image_size
        return forward, {"pixel_values": torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(0))}

    return Piece(
        "clip-dense", tensors, lambda g: clip_dense(g, config, form), lambda g: clip_dense(g, small, twin), reference
    )


def add_graphs(bundle: BundleFolder, module: torch.nn.Module, graphs: Callable[[], dict[str, Graph]]) -> None:
    """Exports the graphs of a small module, whole, and compares each with PyTorch; `module` is rounded for float16."""
    if bundle.dtype != "f32":
        round_to_half(module)
    for model_id, graph in graphs().items():
        path = bundle.folder / f"{model_id}.onnx"
        inputs = dict(zip(graph.input_names, graph.inputs, strict=True))
        export(graph.module, inputs, graph.output_names, graph.dynamic, path)
        worst = largest_difference(graph.module, open_session(path), inputs)
        unit = max(1.0, float(max(out.abs().max() for out in _outputs(graph.module, inputs))))
        if not worst / unit <= TOLERANCE:
            raise CheckpointError(f"{model_id} differs from PyTorch by {worst / unit:.1e} (allowed: {TOLERANCE:.0e}).")
        bundle.model(model_id, file_entry(path, "f32" if bundle.dtype == "f32" else "f16"), worst / unit)


@torch.no_grad()
def _outputs(module: torch.nn.Module, inputs: dict[str, torch.Tensor]) -> tuple[torch.Tensor, ...]:
    given = module(*inputs.values())
    return given if isinstance(given, tuple) else (given,)
