"""Ready-made graphs at real widths, as transformers.js publishes them, through the hub's adapters, against PyTorch.

Graphs are torch.onnx's of Hugging Face's classes under the published ports' names, in a cache of the hub's layout.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from torch import nn
from transformers import CLIPModel, Qwen2Config, Qwen2ForCausalLM, SamConfig, SamModel

from maskloom_training.llava.export import CachedLanguageModel

from .random_weights import randomise
from .ready_repository import Calls, Repository, draw
from .report import Compare, Row
from .tower_case import clip_config

CLOSE, DECODER = 1e-4, 1e-5
"""For tokens and states; for SAM's decoder."""


def run_sam(case: str, dtypes: Iterable[str], work: Path) -> list[Row]:
    """LISA's form: an embedding and nothing else prompts SAM's own decoder, the image encoder thin."""
    config = SamConfig(
        vision_config=dict(hidden_size=96, num_hidden_layers=1, num_attention_heads=2, mlp_dim=96),
        prompt_encoder_config={},
        mask_decoder_config={},
    )
    model = randomise(SamModel(config))
    repository = Repository(work, case)
    repository.json("config.json", {**config.to_dict(), "model_type": "sam"})
    repository.json(
        "preprocessor_config.json",
        {"size": {"longest_edge": 1024}, "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225],
         "rescale_factor": 1 / 255, "resample": 2},
    )  # fmt: skip
    batch, many = {0: "batch_size"}, {0: "batch_size", 1: "point_batch_size"}
    places = model.get_image_wide_positional_embeddings().detach()

    def encode(pixels: torch.Tensor):
        return model.get_image_embeddings(pixels), model.get_image_wide_positional_embeddings()

    def decode(points, labels, features, positions):
        sparse, dense = model.prompt_encoder(points, labels, None, None)
        masks, quality = model.mask_decoder(features, positions, sparse, dense, multimask_output=True)[:2]
        return quality, masks

    features = draw(1, 256, 64, 64)
    repository.graph(
        "vision_encoder", Calls(encode, model), {"pixel_values": (draw(1, 3, 1024, 1024), batch)},
        {"image_embeddings": batch, "image_positional_embeddings": batch},
    )  # fmt: skip
    repository.graph(
        "prompt_encoder_mask_decoder", Calls(decode, model),
        {
            "input_points": (torch.rand(1, 2, 3, 2) * 1024, {**many, 2: "nb_points_per_image"}),
            "input_labels": (torch.tensor([[[1, 0, 1], [1, 1, 0]]]), {**many, 2: "nb_points_per_image"}),
            "image_embeddings": (features, batch),
            "image_positional_embeddings": (places, batch),
        },
        {"iou_scores": many, "pred_masks": many},
    )  # fmt: skip
    count, asked = 3, draw(3, 1, 256)
    feeds = {
        "image_embeddings": features.numpy(),
        "point_coords": np.zeros((count, 0, 2), np.float32),
        "point_labels": np.zeros((count, 0), np.int64),
        "mask_input": np.zeros((1, 1, 256, 256), np.float32),
        "has_mask": np.zeros(count, np.float32),
        "embeddings": asked.numpy(),
    }
    step = {"kind": "run", "recipe": "sam/prompted", "role": "samDecoder", "feeds": {n: n for n in feeds},
            "outputs": ["masks", "iou"]}  # fmt: skip
    given = repository.steps([step], feeds)[0]
    dense = model.prompt_encoder.no_mask_embed.weight.reshape(1, -1, 1, 1).expand(count, -1, 64, 64)
    with torch.no_grad():
        several = [
            model.mask_decoder(
                image_embeddings=features.expand(count, -1, -1, -1),
                image_positional_embeddings=places.expand(count, -1, -1, -1),
                sparse_prompt_embeddings=asked[:, None], dense_prompt_embeddings=dense, multimask_output=many,
            )[:2]
            for many in (False, True)
        ]  # fmt: skip
    wanted = [torch.cat([pair[i][:, 0] for pair in several], 1) for i in (0, 1)]
    compare = Compare(case, "f32")
    return [
        compare.states("mask logits of an embedding alone", given["masks"], wanted[0], DECODER),
        compare.states("their qualities", given["iou"], wanted[1], DECODER),
    ]


def run_clip(case: str, dtypes: Iterable[str], work: Path) -> list[Row]:
    """CLIP B/16 at 224, two graphs with nothing but embeddings at their ends."""
    config = clip_config(patch=16, side=224, vision=768, layers=12, text=512, joint=512)
    model = randomise(CLIPModel(config))
    repository = Repository(work, case)
    repository.json("config.json", {**config.to_dict(), "model_type": "clip"})
    repository.json(
        "preprocessor_config.json",
        {"size": {"shortest_edge": 224}, "crop_size": {"height": 224, "width": 224}, "resample": 3,
         "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711]},
    )  # fmt: skip
    pixels, ids = draw(1, 3, 224, 224), torch.tensor([[49406, 320, 1929, 49407]])
    batch = {0: "batch_size"}

    def see(given: torch.Tensor) -> torch.Tensor:
        return model.visual_projection(model.vision_model(given).pooler_output)

    repository.graph("vision_model", Calls(see, model), {"pixel_values": (pixels, batch)}, {"image_embeds": batch})
    repository.graph(
        "text_model", Calls(lambda given: model.get_text_features(given).pooler_output, model),
        {"input_ids": (ids, {**batch, 1: "sequence_length"})}, {"text_embeds": batch},
    )  # fmt: skip
    outputs = ["patch_features", "dense", "last_hidden_state", "image_embed"]
    step = {"kind": "run", "recipe": "clip/towers", "role": "clipDense", "feeds": {"pixel_values": "pixels"},
            "outputs": outputs}  # fmt: skip
    given = repository.steps([step], {"pixels": pixels.numpy()})[0]
    with torch.no_grad():
        seen = model.vision_model(pixels, output_hidden_states=True)
        before, last = seen.hidden_states[-2], model.vision_model.encoder.layers[-1]
        alone = before + last.self_attn.out_proj(last.self_attn.v_proj(last.layer_norm1(before)))
        alone = alone + last.mlp(last.layer_norm2(alone))
        wanted = {
            "patch_features": before[:, 1:],
            "dense": model.visual_projection(model.vision_model.post_layernorm(alone[:, 1:])),
            "last_hidden_state": seen.last_hidden_state,
            "image_embed": model.visual_projection(seen.pooler_output),
        }
    compare = Compare(case, "f32")
    return [compare.states(name, given[name], wanted[name], CLOSE) for name in outputs]


def run_decoder(case: str, dtypes: Iterable[str], work: Path) -> list[Row]:
    """LLaVA-OneVision-0.5B's decoder with two layers: hidden states, which its graph does not give."""
    config = Qwen2Config(
        vocab_size=152000, hidden_size=896, intermediate_size=4864, num_hidden_layers=2, num_attention_heads=14,
        num_key_value_heads=2, max_position_embeddings=32768,
        rope_parameters={"rope_type": "default", "rope_theta": 1e6},
    )  # fmt: skip
    config._attn_implementation = "eager"
    model = randomise(Qwen2ForCausalLM(config))
    repository = Repository(work, case)
    repository.json("config.json", {
        "model_type": "llava_onevision", "text_config": config.to_dict(), "image_token_index": 151646,
        "vision_config": {"image_size": 28, "patch_size": 14},
    })  # fmt: skip
    repository.json("preprocessor_config.json", {"size": {"height": 28, "width": 28}, "resample": 3,
                                                 "image_mean": [0.5] * 3, "image_std": [0.5] * 3})  # fmt: skip
    count, past = 5, 3
    batch, text = {0: "batch_size"}, {0: "batch_size", 1: "sequence_length"}
    table = model.model.embed_tokens
    repository.graph(
        "embed_tokens", Calls(table, table), {"input_ids": (torch.tensor([[1, 2, 3]]), text)}, {"inputs_embeds": text}
    )
    squeeze = nn.Conv2d(3, config.hidden_size, 14, 14)
    repository.graph(
        "vision_encoder", Calls(lambda pixels: squeeze(pixels).flatten(2).transpose(1, 2), squeeze),
        {"pixel_values": (draw(1, 3, 28, 28), {0: "tiles"})}, {"image_features": {0: "tiles"}},
    )  # fmt: skip
    step = CachedLanguageModel(model)
    inputs = {
        "inputs_embeds": (draw(1, count, config.hidden_size), text),
        "attention_mask": (torch.ones(1, past + count, dtype=torch.long), {**batch, 1: "total_sequence_length"}),
        "position_ids": (torch.arange(past, past + count)[None], text),
    }
    names = [f"{i}.{part}" for i in range(2) for part in ("key", "value")]
    cache = {f"past_key_values.{name}": (draw(1, 2, past, 64), {**batch, 2: "past_sequence_length"}) for name in names}
    outputs = {"logits": text, **{f"present.{name}": {**batch, 2: "total_sequence_length"} for name in names}}

    def decode(*given: torch.Tensor):
        logits, _, *present = step(*given)
        return logits, *present

    repository.graph("decoder_model_merged", Calls(decode, model), {**inputs, **cache}, outputs)
    feeds = {name: example.numpy() for name, (example, _) in (inputs | cache).items()}
    ports = {name: name.replace(".", "-") for name in feeds}
    run = {"kind": "run", "recipe": "onevision/language", "role": "languageModel", "feeds": ports,
           "outputs": ["hidden_states", "logits"]}  # fmt: skip
    given = repository.steps([run], {ports[name]: array for name, array in feeds.items()})[0]
    with torch.no_grad():
        logits, states, *_ = step(*(example for example, _ in (inputs | cache).values()))
    compare = Compare(case, "f32")
    return [
        compare.states("hidden states behind a cache of three", given["hidden_states"], states, CLOSE),
        compare.states("logits", given["logits"], logits, CLOSE),
    ]
