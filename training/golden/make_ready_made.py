"""Make small ready-made repositories, and what PyTorch gives for them, for the tests of packages/hub.

Run in an environment of its own, because optimum's exporter pins an older transformers than the kit:

    python3 -m venv /tmp/ready-made
    /tmp/ready-made/bin/pip install torch optimum==2.1.0 optimum-onnx==0.1.0 onnxruntime pillow
    /tmp/ready-made/bin/python training/golden/make_ready_made.py

Writes packages/hub/fixtures/<name>/: the files of the repository (graphs gzipped) in the layouts and with the port
names of published ones, and golden.safetensors with inputs and PyTorch's results. Weights are random, in Hugging Face's
own classes. SAM, CLIP (one graph) and Qwen2 are exported by optimum; the others, for which it has no configuration, by
torch.onnx under the names that transformers.js gives them.
"""

import copy
import json
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from optimum.exporters.onnx import main_export
from ready_made_files import DRAW, Calls, export, forms, normal, uniform, write
from ready_made_weights import randomise
from safetensors.torch import save_file
from torch import nn
from transformers import (
    BertConfig,
    BertModel,
    CLIPConfig,
    CLIPImageProcessor,
    CLIPModel,
    Qwen2Config,
    Qwen2ForCausalLM,
    Sam2Config,
    Sam2Model,
    SamConfig,
    SamImageProcessor,
    SamModel,
    SiglipConfig,
    SiglipImageProcessor,
    SiglipModel,
    SiglipVisionConfig,
    SiglipVisionModel,
)


def make_sam(work: Path) -> None:
    config = SamConfig(
        vision_config=dict(
            image_size=32, patch_size=8, hidden_size=16, output_channels=32, num_hidden_layers=2,
            num_attention_heads=2, window_size=3, global_attn_indexes=[1], num_pos_feats=16, mlp_dim=64,
        ),
        prompt_encoder_config=dict(hidden_size=32, image_size=32, patch_size=8, mask_input_channels=4),
        mask_decoder_config=dict(
            hidden_size=32, mlp_dim=64, num_hidden_layers=2, num_attention_heads=2, attention_downsample_rate=2,
            iou_head_hidden_dim=32,
        ),
    )  # fmt: skip
    model = randomise(SamModel(config))
    source = work / "sam-source"
    model.save_pretrained(source)
    processor = SamImageProcessor(
        size={"longest_edge": 32}, mask_size={"longest_edge": 16},
        pad_size={"height": 32, "width": 32}, mask_pad_size={"height": 16, "width": 16},
    )  # fmt: skip
    processor.save_pretrained(source)
    target = work / "sam"
    main_export(str(source), target, task="feature-extraction", do_validation=False, no_post_process=True)
    pixels = normal(1, 3, 32, 32)
    golden: dict[str, torch.Tensor] = {"pixel_values": pixels}
    with torch.no_grad():
        features = golden["image_embeddings"] = model.get_image_embeddings(pixels)
        positions = golden["positions"] = model.get_image_wide_positional_embeddings()
        corner = uniform(2, 4) * 16
        corner[:, 2:] += corner[:, :2]
        cases = {
            "points": dict(points=uniform(2, 3, 2) * 32, labels=torch.tensor([[1, 0, 1], [0, 1, 1]])),
            "box": dict(box=corner),
            "point-box": dict(points=uniform(2, 1, 2) * 32, labels=torch.tensor([[1], [0]]), box=corner),
            "embedding": dict(embeddings=normal(2, 1, 32)),
            "points-embeddings": dict(
                points=uniform(1, 2, 2) * 32, labels=torch.tensor([[1, 1]]), embeddings=normal(1, 2, 32)
            ),
            "mask": dict(points=uniform(2, 1, 2) * 32, labels=torch.tensor([[1], [1]]), mask=normal(2, 1, 16, 16) * 5),
        }
        for name, case in cases.items():
            count = next(iter(case.values())).shape[0]
            points, labels, box, mask = (case.get(key) for key in ("points", "labels", "box", "mask"))
            sparse, dense = model.prompt_encoder(
                input_points=None if points is None else points[:, None],
                input_labels=None if labels is None else labels[:, None],
                input_boxes=None if box is None else box[:, None],
                input_masks=mask,
            )
            if "embeddings" in case:
                given = case["embeddings"][:, None]
                sparse = given if sparse is None else torch.cat([sparse, given], 2)
            parts = [
                model.mask_decoder(
                    image_embeddings=features.expand(count, -1, -1, -1),
                    image_positional_embeddings=positions.expand(count, -1, -1, -1),
                    sparse_prompt_embeddings=sparse,
                    dense_prompt_embeddings=dense.expand(count, -1, -1, -1),
                    multimask_output=several,
                )[:2]
                for several in (False, True)
            ]
            golden |= {f"{name}.{key}": value for key, value in case.items()}
            golden[f"{name}.masks"] = torch.cat([masks[:, 0] for masks, _ in parts], 1)
            golden[f"{name}.iou"] = torch.cat([quality[:, 0] for _, quality in parts], 1)
    decoder = target / "prompt_encoder_mask_decoder.onnx"
    others = forms(decoder, {"fp16": "_fp16", "q8": "_quantized"})
    files = {
        "config.json": target / "config.json",
        "preprocessor_config.json": target / "preprocessor_config.json",
        "onnx/vision_encoder.onnx": target / "vision_encoder.onnx",
        "onnx/prompt_encoder_mask_decoder.onnx": decoder,
        "onnx/prompt_encoder_mask_decoder_fp16.onnx": others["fp16"],
        "onnx/prompt_encoder_mask_decoder_quantized.onnx": others["q8"],
        "model.safetensors": source / "model.safetensors",
    }
    keep_prompt_weights(files, work)
    write("sam", files, golden)


def keep_prompt_weights(files: dict[str, Path], work: Path) -> None:
    """Of the original's weights only those that the tests read, behind others, so that reading parts is tested."""
    from safetensors.torch import load_file

    weights = load_file(files["model.safetensors"])
    wanted = {key: value.clone() for key, value in weights.items() if key.startswith(("prompt_encoder.", "shared_"))}
    save_file(wanted, work / "model.safetensors")
    files["model.safetensors"] = work / "model.safetensors"


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


def qwen2() -> Qwen2ForCausalLM:
    config = Qwen2Config(
        vocab_size=96, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=128, tie_word_embeddings=True,
    )  # fmt: skip
    return randomise(Qwen2ForCausalLM(config))


def language_golden(model: Qwen2ForCausalLM) -> dict[str, torch.Tensor]:
    ids = torch.randint(0, 96, (1, 7), generator=DRAW)
    with torch.no_grad():
        out = model(ids, output_hidden_states=True)
        embeds = model.get_input_embeddings()(ids)
    # Hugging Face's last entry is after the final norm.
    return {"input_ids": ids, "inputs_embeds": embeds, "hidden_states": out.hidden_states[-1], "logits": out.logits}


def export_qwen2(model: Qwen2ForCausalLM, work: Path) -> Path:
    source = work / "qwen2-source"
    model.save_pretrained(source)
    main_export(str(source), work / "qwen2", task="text-generation-with-past", do_validation=False)
    return work / "qwen2"


def make_qwen2(work: Path) -> None:
    model = qwen2()
    target = export_qwen2(model, work)
    graph = target / "model.onnx"
    others = forms(graph, {"fp16-edges": "_fp16"})
    write(
        "qwen2",
        {
            "config.json": target / "config.json",
            "onnx/model.onnx": graph,
            "onnx/model_fp16.onnx": others["fp16-edges"],
        },
        language_golden(model),
    )


def split_embedding(graph: Path, work: Path) -> tuple[Path, Path]:
    """The token embedding and the rest of a decoder, as image-text models publish them."""
    model = onnx.load(graph)
    gather = next(node for node in model.graph.node if node.op_type == "Gather" and node.input[1] == "input_ids")
    table = next(one for one in model.graph.initializer if one.name == gather.input[0])
    embeds = onnx.helper.make_tensor_value_info("inputs_embeds", 1, ["batch_size", "sequence_length", table.dims[1]])
    ids = next(one for one in model.graph.input if one.name == "input_ids")
    look_up = onnx.helper.make_node("Gather", [table.name, "input_ids"], ["inputs_embeds"])
    first = onnx.helper.make_graph([look_up], "embed", [ids], [embeds], [table])
    embedding = onnx.helper.make_model(first, opset_imports=model.opset_import, ir_version=model.ir_version)
    onnx.save(embedding, work / "embed_tokens.onnx")
    rest = copy.deepcopy(model)
    output = gather.output[0]
    rest.graph.node.remove(next(node for node in rest.graph.node if node.output[:1] == [output]))
    for node in rest.graph.node:
        for i, name in enumerate(node.input):
            if name in (output, "input_ids"):
                # Of the ids only the shape is asked: its first two axes are those of the embeddings.
                assert name == output or node.op_type == "Shape", node.op_type
                node.input[i] = "inputs_embeds"
    rest.graph.input.remove(next(one for one in rest.graph.input if one.name == "input_ids"))
    rest.graph.input.insert(0, embeds)
    onnx.save(rest, work / "decoder_model_merged.onnx")
    return work / "embed_tokens.onnx", work / "decoder_model_merged.onnx"


def make_onevision(work: Path) -> None:
    model = qwen2()
    tower = randomise(
        SiglipVisionModel(
            SiglipVisionConfig(
                hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, image_size=24,
                patch_size=8, vision_use_head=False,
            )
        )
    )  # fmt: skip
    projector = randomise(nn.Sequential(nn.Linear(32, 32), nn.GELU(), nn.Linear(32, 32)))

    def see(pixel_values: torch.Tensor) -> torch.Tensor:
        return projector(tower(pixel_values, output_hidden_states=True).hidden_states[-1])

    pixels = normal(2, 3, 24, 24)
    axes = {0: "num_tiles"}
    seen = Calls(see, tower, projector)
    vision = export(seen, {"pixel_values": (pixels, axes)}, {"image_features": axes}, work / "vision_encoder.onnx")
    embedding, decoder = split_embedding(export_qwen2(model, work) / "model.onnx", work)
    config = {
        "model_type": "llava_onevision",
        "image_token_index": 95,
        "text_config": model.config.to_dict(),
        "vision_config": tower.config.to_dict(),
        "vision_feature_layer": -1,
        "vision_feature_select_strategy": "full",
        "vision_aspect_ratio": "anyres_max_9",
    }
    (work / "config.json").write_text(json.dumps(config, indent=1))
    SiglipImageProcessor(size={"height": 24, "width": 24}).save_pretrained(work / "siglip-processor")
    with torch.no_grad():
        golden = language_golden(model) | {"pixel_values": pixels, "image_features": see(pixels)}
    others = forms(decoder, {"q4": "_q4", "q4f16": "_q4f16", "bnb4": "_bnb4"})
    write(
        "onevision",
        {
            "config.json": work / "config.json",
            "preprocessor_config.json": work / "siglip-processor" / "preprocessor_config.json",
            "onnx/embed_tokens.onnx": embedding,
            "onnx/vision_encoder.onnx": vision,
            "onnx/decoder_model_merged.onnx": decoder,
            "onnx/decoder_model_merged_q4.onnx": others["q4"],
            "onnx/decoder_model_merged_q4f16.onnx": others["q4f16"],
            "onnx/decoder_model_merged_bnb4.onnx": others["bnb4"],
        },
        golden,
    )


def make_sam2(work: Path) -> None:
    config = Sam2Config(
        vision_config=dict(
            backbone_config=dict(
                model_type="sam2_hiera_det_model", hidden_size=8, num_attention_heads=1, image_size=[64, 64],
                patch_kernel_size=[7, 7], patch_stride=[4, 4], patch_padding=[3, 3], query_stride=[2, 2],
                window_positional_embedding_background_size=[4, 4], num_query_pool_stages=3,
                blocks_per_stage=[1, 1, 2, 1], embed_dim_per_stage=[8, 16, 32, 64],
                num_attention_heads_per_stage=[1, 1, 2, 4], window_size_per_stage=[4, 2, 4, 2],
                global_attention_blocks=[3], mlp_ratio=2.0,
            ),
            backbone_channel_list=[64, 32, 16, 8], backbone_feature_sizes=[[16, 16], [8, 8], [4, 4]],
            fpn_hidden_size=32, num_feature_levels=3,
        ),
        prompt_encoder_config=dict(hidden_size=32, image_size=64, patch_size=16, mask_input_channels=4),
        mask_decoder_config=dict(
            hidden_size=32, mlp_dim=64, num_hidden_layers=2, num_attention_heads=2, attention_downsample_rate=2,
            iou_head_hidden_dim=32,
        ),
    )  # fmt: skip
    write_tracker("sam2", randomise(Sam2Model(config)), 64, work)


def make_sam3_tracker(work: Path) -> None:
    """Needs transformers 5: run it by the kit's own Python, where optimum is not."""
    from transformers import Sam3TrackerConfig, Sam3TrackerModel

    config = Sam3TrackerConfig(
        vision_config=dict(
            backbone_config=dict(
                model_type="sam3_vit_model", hidden_size=32, num_attention_heads=2, num_hidden_layers=2,
                intermediate_size=64, image_size=56, patch_size=14, pretrain_image_size=28, window_size=2,
                global_attn_indexes=[1],
            ),
            backbone_feature_sizes=[[16, 16], [8, 8], [4, 4]], fpn_hidden_size=32,
        ),
        prompt_encoder_config=dict(hidden_size=32, image_size=56, patch_size=14, mask_input_channels=4),
        mask_decoder_config=dict(
            hidden_size=32, mlp_dim=64, num_hidden_layers=2, num_attention_heads=2, attention_downsample_rate=2,
            iou_head_hidden_dim=32,
        ),
    )  # fmt: skip
    write_tracker("sam3-tracker", randomise(Sam3TrackerModel(config)), 56, work)


def write_tracker(name: str, model: nn.Module, side: int, work: Path) -> None:
    """A SAM 2 or SAM 3 tracker on single images: its two graphs, and what it gives for points and a box."""

    def decode(input_points, input_labels, input_boxes, *levels):
        # The model's own forward pass without its check of the numbers of boxes and points, which published graphs do not have.
        sparse, dense = model.prompt_encoder(
            input_points=input_points, input_labels=input_labels, input_boxes=None, input_masks=None
        )
        boxes = model.prompt_encoder._embed_boxes(input_boxes)
        sparse = torch.cat([sparse, boxes.reshape(1, 1, -1, boxes.shape[-1]).expand(-1, sparse.shape[1], -1, -1)], 2)
        masks, quality, _, scores = model.mask_decoder(
            image_embeddings=levels[-1], image_positional_embeddings=model.get_image_wide_positional_embeddings(),
            sparse_prompt_embeddings=sparse, dense_prompt_embeddings=dense, multimask_output=True,
            high_resolution_features=list(levels[:-1]),
        )  # fmt: skip
        return quality, masks, scores

    pixels = normal(1, 3, side, side)
    with torch.no_grad():
        features = model.get_image_embeddings(pixels)
    names = [f"image_embeddings.{i}" for i in range(3)]
    batch = {0: "batch_size"}
    vision = export(
        Calls(lambda given: tuple(model.get_image_embeddings(given)), model), {"pixel_values": (pixels, batch)},
        {name: batch for name in names}, work / "vision_encoder.onnx",
    )  # fmt: skip
    points = uniform(1, 2, 3, 2) * side
    labels = torch.tensor([[[1, 0, 1], [1, 1, 0]]])
    decoder_inputs = {
        "input_points": (points, {0: "batch_size", 1: "num_objects", 2: "num_points"}),
        "input_labels": (labels, {0: "batch_size", 1: "num_objects", 2: "num_points"}),
        "input_boxes": (uniform(1, 0, 4), {0: "batch_size", 1: "num_boxes"}),
    }
    decoder_inputs |= {name: (feature, batch) for name, feature in zip(names, features, strict=True)}
    given = ("iou_scores", "pred_masks", "object_score_logits")
    outputs = {name: {0: "batch_size", 1: "num_objects"} for name in given}
    decoder = export(Calls(decode, model), decoder_inputs, outputs, work / "prompt_encoder_mask_decoder.onnx")
    with torch.no_grad():
        one = model(image_embeddings=features, input_points=points, input_labels=labels, multimask_output=False)
        out = model(image_embeddings=features, input_points=points, input_labels=labels, multimask_output=True)
        box = torch.tensor([[[10.0, 15.0, 45.0, 50.0]]]) * (side / 64)
        # The model adds half a pixel to the box that it is given, in place.
        boxed = model(image_embeddings=features, input_boxes=box.clone(), multimask_output=True)
    golden = {"pixel_values": pixels, "points.points": points[0], "points.labels": labels[0], "box.box": box[0]}
    golden |= {name: feature for name, feature in zip(names, features, strict=True)}
    golden |= {"points.masks": out.pred_masks[0], "points.iou": out.iou_scores[0], "points.single": one.pred_masks[0]}
    golden |= {"box.masks": boxed.pred_masks[0], "box.iou": boxed.iou_scores[0]}
    model.config.save_pretrained(work / "tracker-config")
    processor = {
        "do_resize": True, "size": {"height": side, "width": side}, "resample": 2, "rescale_factor": 1 / 255,
        "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225],
        "image_processor_type": "Sam2ImageProcessorFast", "mask_size": {"height": 16, "width": 16},
    }  # fmt: skip
    (work / "tracker-preprocessor.json").write_text(json.dumps(processor, indent=1))
    write(
        name,
        {
            "config.json": work / "tracker-config" / "config.json",
            "preprocessor_config.json": work / "tracker-preprocessor.json",
            "onnx/vision_encoder.onnx": vision,
            "onnx/prompt_encoder_mask_decoder.onnx": decoder,
        },
        golden,
    )


def main() -> None:
    import sys

    torch.manual_seed(0)
    np.random.seed(0)
    parts = {"sam": make_sam, "clip": make_clip, "siglip": make_siglip, "qwen2": make_qwen2}
    parts |= {"onevision": make_onevision, "sam2": make_sam2, "bert": make_bert}
    parts["sam3-tracker"] = make_sam3_tracker
    for name, make in parts.items():
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        DRAW.manual_seed(20261126)
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder))


if __name__ == "__main__":
    main()
