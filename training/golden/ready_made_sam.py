"""The fixtures of SAM, SAM 2 and SAM 3's tracker (see make_ready_made.py)."""

import json
from pathlib import Path

import torch
from optimum.exporters.onnx import main_export
from ready_made_files import Calls, export, forms, normal, uniform, write
from ready_made_weights import randomise
from safetensors.torch import save_file
from torch import nn
from transformers import (
    Sam2Config,
    Sam2Model,
    SamConfig,
    SamImageProcessor,
    SamModel,
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
