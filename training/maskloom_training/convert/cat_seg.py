"""CAT-Seg to a bundle for `lmseg/cat-seg`: fine-tuned CLIP, aggregator, decoder, out of one file of detectron2's."""

from __future__ import annotations

import copy
from pathlib import Path

import torch
from transformers import CLIPModel, CLIPVisionConfig, CLIPVisionModel

from ..clip.model import MEAN, STD
from ..onnx_tools import export, largest_difference, open_session, round_to_half
from .cat_seg_aggregator import CatSegAggregator, load_aggregator
from .folder import BundleFolder
from .openai_clip import openai_clip
from .pieces import TOLERANCE, Piece, file_entry
from .source import Source, open_source
from .tensors import CheckpointError, Tensors, under
from .tokenizer import read_tokenizer, write_tokenizer
from .towers import part_of, text_piece
from .vision import clip_dense

PREDICTOR = "sem_seg_head.predictor."
BEGIN, END = "<|startoftext|>", "<|endoftext|>"
TOKENIZER = "openai/clip-vit-base-patch16"
"""Whose tokenizer is taken when none lies beside the weights: every CLIP of OpenAI's has the same."""


def convert_cat_seg(
    source: Source, out: Path, dtype: str, name: str, license: str, tokenizer: str | None = None
) -> None:
    """A .pth of CAT-Seg B or L. tokenizer: folder or hub id of a CLIP, in place of what lies beside SRC."""
    tensors = source.tensors()
    names = tensors.names()
    if not any(n.startswith(f"{PREDICTOR}transformer.") for n in names) or "upsample1.weight" not in names:
        raise CheckpointError(
            f"{source.name} is not CAT-Seg: it has no {PREDICTOR}transformer.* with upsample1 and upsample2."
        )
    aggregator = load_aggregator(under(tensors, f"{PREDICTOR}transformer."), tensors)
    grid = aggregator.shape.grid
    config, clip = openai_clip(under(tensors, f"{PREDICTOR}clip_model."), grid)
    view = config.vision_config
    # Behind a third and two thirds of the layers: 3 and 7 of twelve, 7 and 15 of twenty-four.
    taps = (view.num_hidden_layers // 3 - 1, 2 * view.num_hidden_layers // 3 - 1)
    words = read_tokenizer(_tokenizer_source(source, tokenizer))
    # The released code looks through windows of 384 pixels whatever CLIP's side is.
    window = 384 if view.image_size == 336 else view.image_size
    with BundleFolder(out, name, license, source.origin(), dtype) as bundle:
        bundle.room(clip)
        write_tokenizer(words, bundle.folder, [BEGIN, END], config.text_config.vocab_size)
        bundle.tokenizer("tokenizer.json", "tokenizer_config.json")
        bundle.piece(_dense_piece(part_of(clip, "vision_model", "visual_projection"), view, taps))
        bundle.piece(text_piece("clip-text", clip, config, CLIPModel))
        roles = {"clipDense": "clip-dense", "clipText": "clip-text", **_aggregator(bundle, aggregator)}
        text = {
            "maxTokens": config.text_config.max_position_embeddings, "bos": BEGIN, "eos": END, "pad": END,
            "prefix": "", "trimEnd": False,
        }  # fmt: skip
        bundle.preset("clip", {
            "imageSize": view.image_size, "patchSize": view.patch_size, "mean": list(MEAN), "std": list(STD),
            "resample": "bilinear", "crop": "centre", "text": text,
        })  # fmt: skip
        bundle.preset("lmseg", {
            "window": window, "overlap": 0.333, "resizeTo": window * 5 // 3, "layers": aggregator.shape.layers,
            "outerResidual": True, "classCap": 256,
        })  # fmt: skip
        bundle.recipe("lmseg/cat-seg", roles)
        bundle.finish()


def _tokenizer_source(source: Source, given: str | None) -> Source:
    if given is None and source.has("tokenizer.json"):
        return source
    return open_source(
        given or TOKENIZER, wanted=["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"]
    )


def _aggregator(bundle: BundleFolder, model: CatSegAggregator) -> dict[str, str]:
    """Exports and compares the aggregator's graphs; returns roles and models."""
    roles: dict[str, str] = {"costEmbed": "cost-embed", "upsample": "upsample"}
    for i in range(model.shape.layers):
        roles[f"spatial{i}"] = f"spatial-{i}"
        for role, part in (("classSums", "sums"), ("classApply", "apply"), ("classPads", "fillers")):
            roles[f"{role}{i}"] = f"class-{i}-{part}"
    if bundle.dtype != "f32":
        round_to_half(model)
    for model_id, graph in model.graphs().items():
        path = bundle.folder / f"{model_id}.onnx"
        inputs = dict(zip(graph.input_names, graph.inputs, strict=True))
        export(graph.module, inputs, graph.output_names, graph.dynamic, path)
        worst = largest_difference(graph.module, open_session(path), inputs)
        unit = max(1.0, float(max(out.abs().max() for out in _outputs(graph.module, inputs))))
        if not worst / unit <= TOLERANCE:
            raise CheckpointError(f"{model_id} differs from PyTorch by {worst / unit:.1e} (allowed: {TOLERANCE:.0e}).")
        bundle.model(model_id, file_entry(path, "f32" if bundle.dtype == "f32" else "f16"), worst / unit)
    return roles


@torch.no_grad()
def _outputs(module: torch.nn.Module, inputs: dict[str, torch.Tensor]) -> tuple[torch.Tensor, ...]:
    given = module(*inputs.values())
    return given if isinstance(given, tuple) else (given,)


def _dense_piece(tensors: Tensors, config: CLIPVisionConfig, taps: tuple[int, int]) -> Piece:
    """CLIP's vision side with its taps; the twin has three layers."""
    small = copy.deepcopy(config)
    small.num_hidden_layers = min(3, config.num_hidden_layers)
    small._attn_implementation = "eager"

    def reference(stored: dict[str, torch.Tensor]):
        model = CLIPVisionModel(small).eval()
        model.load_state_dict(stored, strict=False)
        projection = stored["visual_projection.weight"]
        side = config.image_size

        def forward(pixels: torch.Tensor):
            states = model(pixels, output_hidden_states=True).hidden_states
            last, before = model.encoder.layers[-1], states[-2]
            alone = before[:, :1] + last.self_attn.out_proj(last.self_attn.v_proj(last.layer_norm1(before)))
            alone = alone + last.mlp(last.layer_norm2(alone))
            return states[1][:, 1:], states[2][:, 1:], model.post_layernorm(alone[:, 1:]) @ projection.T

        return forward, {"pixel_values": torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(0))}

    return Piece(
        "clip-dense", tensors, lambda g: clip_dense(g, config, taps), lambda g: clip_dense(g, small, (0, 1)), reference
    )
