"""The fixtures of towers of pictures and texts: CLIP, SigLIP, sentence embedders (see make_ready_made.py)."""

from pathlib import Path

import torch
from optimum.exporters.onnx import main_export
from ready_made_files import DRAW, Calls, export, forms, normal, write
from ready_made_weights import randomise
from torch import nn
from transformers import (
    BertConfig,
    BertModel,
    CLIPConfig,
    CLIPImageProcessor,
    CLIPModel,
    SiglipConfig,
    SiglipImageProcessor,
    SiglipModel,
)


def make_clip(work: Path) -> None:
    config = CLIPConfig(
        text_config=dict(
            vocab_size=99, hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2,
            max_position_embeddings=16, projection_dim=24, bos_token_id=0, eos_token_id=98,
        ),
        vision_config=dict(
            hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2, image_size=24,
            patch_size=8, projection_dim=24,
        ),
        projection_dim=24,
    )  # fmt: skip
    model = randomise(CLIPModel(config))
    source = work / "clip-source"
    model.save_pretrained(source)
    CLIPImageProcessor(size={"shortest_edge": 24}, crop_size={"height": 24, "width": 24}).save_pretrained(source)
    whole = work / "clip"
    main_export(str(source), whole, task="zero-shot-image-classification", do_validation=False)

    def see(pixel_values: torch.Tensor) -> torch.Tensor:
        return model.visual_projection(model.vision_model(pixel_values).pooler_output)

    every = {0: "batch_size", 1: "num_channels", 2: "height", 3: "width"}
    pixels = normal(2, 3, 24, 24)
    ids = torch.tensor([[0, 5, 9, 98, 98, 98], [0, 7, 3, 2, 4, 98]])
    batch = {0: "batch_size"}
    vision = export(
        Calls(see, model), {"pixel_values": (pixels, every)}, {"image_embeds": batch}, work / "vision_model.onnx"
    )
    text = export(
        Calls(model.get_text_features, model), {"input_ids": (ids, batch | {1: "sequence_length"})},
        {"text_embeds": batch}, work / "text_model.onnx",
    )  # fmt: skip
    with torch.no_grad():
        seen = model.vision_model(pixels, output_hidden_states=True)
        golden = {
            "pixel_values": pixels,
            "input_ids": ids,
            "last_hidden_state": seen.last_hidden_state,
            "patch_features": seen.hidden_states[-2][:, 1:],
            "image_embeds": model.get_image_features(pixels),
            "text_embeds": model.get_text_features(ids),
            "dense": value_path(model, seen.hidden_states[-2]),
        }
    described = {name: whole / name for name in ("config.json", "preprocessor_config.json")}
    others = forms(vision, {"fp16": "_fp16", "q8": "_quantized", "q4": "_q4"})
    write(
        "clip",
        described
        | {
            "onnx/vision_model.onnx": vision,
            "onnx/text_model.onnx": text,
            "onnx/vision_model_fp16.onnx": others["fp16"],
            "onnx/vision_model_quantized.onnx": others["q8"],
            "onnx/vision_model_q4.onnx": others["q4"],
        },
        golden,
    )
    write("clip-whole", described | {"model.onnx": whole / "model.onnx"}, golden)


def value_path(model: CLIPModel, before: torch.Tensor) -> torch.Tensor:
    """Text-aligned patch tokens whose last block attends each patch to itself alone (MaskCLIP, section 3.2)."""
    layer = model.vision_model.encoder.layers[-1]
    attention = layer.self_attn
    states = before + attention.out_proj(attention.v_proj(layer.layer_norm1(before)))
    states = states + layer.mlp(layer.layer_norm2(states))
    return model.visual_projection(model.vision_model.post_layernorm(states[:, 1:]))


def make_siglip(work: Path) -> None:
    config = SiglipConfig(
        text_config=dict(
            vocab_size=99, hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2,
            max_position_embeddings=16, projection_size=32,
        ),
        vision_config=dict(
            hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2, image_size=24,
            patch_size=8,
        ),
    )  # fmt: skip
    model = randomise(SiglipModel(config))
    source = work / "siglip-source"
    model.save_pretrained(source)
    SiglipImageProcessor(size={"height": 24, "width": 24}).save_pretrained(source)

    def both(tower: nn.Module) -> nn.Module:
        def run(given: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            out = tower(given)
            return out.last_hidden_state, out.pooler_output

        return Calls(run, tower)

    pixels = normal(2, 3, 24, 24)
    ids = torch.randint(0, 99, (2, 16), generator=DRAW)
    batch = {0: "batch_size"}
    outputs = {"last_hidden_state": batch, "pooler_output": batch}
    vision = export(both(model.vision_model), {"pixel_values": (pixels, batch)}, outputs, work / "vision_model.onnx")
    text = export(both(model.text_model), {"input_ids": (ids, batch)}, outputs, work / "text_model.onnx")
    with torch.no_grad():
        seen = model.vision_model(pixels)
        golden = {
            "pixel_values": pixels,
            "input_ids": ids,
            "last_hidden_state": seen.last_hidden_state,
            "image_embed": seen.pooler_output,
            "dense": torch.stack([model.vision_model.head(seen.last_hidden_state[:, i : i + 1]) for i in range(9)], 1),
            "text_embed": model.text_model(ids).pooler_output,
        }
    write(
        "siglip",
        {
            "config.json": source / "config.json",
            "preprocessor_config.json": source / "preprocessor_config.json",
            "onnx/vision_model.onnx": vision,
            "onnx/text_model.onnx": text,
        },
        golden,
    )


def make_bert(work: Path) -> None:
    config = BertConfig(
        vocab_size=99, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=16,
    )  # fmt: skip
    model = randomise(BertModel(config, add_pooling_layer=False))
    (work / "bert").mkdir()
    config.save_pretrained(work / "bert")

    def run(input_ids, attention_mask, token_type_ids):
        return model(input_ids, attention_mask, token_type_ids).last_hidden_state

    ids = torch.tensor([[0, 5, 9, 11, 98, 1], [0, 7, 98, 1, 1, 1]])
    mask = (ids != 1).long()
    axes = {0: "batch_size", 1: "sequence_length"}
    inputs = {"input_ids": (ids, axes), "attention_mask": (mask, axes), "token_type_ids": (torch.zeros_like(ids), axes)}
    graph = export(Calls(run, model), inputs, {"last_hidden_state": axes}, work / "model.onnx")
    with torch.no_grad():
        states = run(ids, mask, torch.zeros_like(ids))
    pooled = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    others = forms(graph, {"q8": "_quantized"})
    write(
        "bert",
        {
            "config.json": work / "bert" / "config.json",
            "onnx/model.onnx": graph,
            "onnx/model_quantized.onnx": others["q8"],
        },
        {"input_ids": ids, "attention_mask": mask, "text_embed": pooled},
    )
