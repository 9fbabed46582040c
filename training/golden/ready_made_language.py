"""The fixtures of language models: Qwen2 and LLaVA-OneVision (see make_ready_made.py)."""

import copy
import json
from pathlib import Path

import onnx
import torch
from optimum.exporters.onnx import main_export
from ready_made_files import DRAW, Calls, export, forms, normal, write
from ready_made_weights import randomise
from torch import nn
from transformers import (
    Qwen2Config,
    Qwen2ForCausalLM,
    SiglipImageProcessor,
    SiglipVisionConfig,
    SiglipVisionModel,
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
