"""A LISA, SESAME or READ of LLaVA-1.5-7B's widths with two layers, random, in the published layout."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tokenizers import AddedToken, Tokenizer
from torch import nn
from transformers import CLIPVisionConfig, CLIPVisionModel, LlamaConfig, LlamaForCausalLM, SamConfig, SamModel
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

from maskloom_training.convert.tokenizer import from_sentencepiece
from tests.lisa_folder import ADDED
from tests.lisa_reference import prompt, read
from tests.sam_layout import original_names

from .random_weights import randomise
from .words import vocabulary

PIECES, EOS = 32000, 2
LOUD = 20.0
"""The logit of a token that is to be written; others stay within about 5."""
SHARDS = 2


@dataclass
class Lisa:
    """The modules, as `tests.lisa_reference` takes them."""

    llama: LlamaForCausalLM
    clip: CLIPVisionModel
    projector: nn.ModuleList
    seg: nn.Sequential
    sam: SamModel


def build(two_layers: bool) -> Lisa:
    """The modules without values. `two_layers`: LLaVA-1.5's projector (SESAME, READ) in place of LISA's one layer.

    LLaMA-7B's widths; CLIP L/14 at 336 whole; SAM ViT-H's widths, one layer of windows and one of global attention.
    """
    llama = LlamaConfig(
        vocab_size=PIECES + len(ADDED), hidden_size=4096, intermediate_size=11008, num_hidden_layers=2,
        num_attention_heads=32, rms_norm_eps=1e-5, max_position_embeddings=4096,
    )  # fmt: skip
    clip = CLIPVisionConfig(
        hidden_size=1024, intermediate_size=4096, num_hidden_layers=24, num_attention_heads=16, image_size=336,
        patch_size=14,
    )  # fmt: skip
    sam = SamConfig(
        vision_config=dict(
            hidden_size=1280, num_hidden_layers=2, num_attention_heads=16, mlp_dim=5120, global_attn_indexes=[1]
        ),
        prompt_encoder_config={},
        mask_decoder_config={},
    )
    with torch.device("meta"):
        return Lisa(
            LlamaForCausalLM(llama).eval(),
            CLIPVisionModel(clip).eval(),
            nn.ModuleList([nn.Linear(1024, 4096), *([nn.Linear(4096, 4096)] if two_layers else [])]),
            nn.Sequential(nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, 256)),
            SamModel(sam).eval(),
        )


def published_names(model: Lisa) -> dict[str, tuple[str, str]]:
    """Where each tensor of the checkpoint belongs: (part of `Lisa`, its name there). CLIP stands apart."""
    found = {name: ("llama", name) for name in model.llama.state_dict()}
    for i in range(len(model.projector)):
        layer = "model.mm_projector" if len(model.projector) == 1 else f"model.mm_projector.{2 * i}"
        found |= {f"{layer}.{kind}": ("projector", f"{i}.{kind}") for kind in ("weight", "bias")}
    found |= {f"model.text_hidden_fcs.0.{name}": ("seg", name) for name in model.seg.state_dict()}
    names = original_names({name: name for name in model.sam.state_dict()})
    return found | {f"model.visual_model.{old}": ("sam", new) for old, new in names.items()}


def tokenizer() -> Tokenizer:
    """LLaMA's 32,000 pieces and the three tokens that are added."""
    made = from_sentencepiece(vocabulary(PIECES))
    made.add_tokens([AddedToken(token, lstrip=True, rstrip=True, normalized=False) for token in ADDED])
    return made


def write(folder: Path, two_layers: bool, image: np.ndarray, question: str, reply: str) -> list[int]:
    """Writes FOLDER/lisa (float16 shards) and FOLDER/clip; gives the ids of `reply`, which it answers greedily."""
    model = build(two_layers)
    for part in fields(model):
        module = getattr(model, part.name).to_empty(device="cpu")
        # The checkpoint is of float16: what is worked out below must come from the same numbers.
        for tensor in randomise(module).state_dict().values():
            tensor.copy_(tensor.half())
    _fill_buffers(model)
    words = tokenizer()
    ids = words.encode(reply, add_special_tokens=False).ids
    teach(model, words, image, question, ids)
    _save(model, folder)
    return ids


@torch.no_grad()
def teach(model: Lisa, words: Tokenizer, image: np.ndarray, question: str, ids: list[int]) -> None:
    """Sets the rows of `lm_head` that make `ids` and the end the greedy answer, and leaves all others random.

    Least squares: the row of a token has LOUD with the states that are to write it, and 0 with the others.
    """
    before, seen, after = prompt(model, words, image, question)
    states = read(model, before, seen, [*after, *ids])[-len(ids) - 1 :]
    written = torch.tensor([*ids, EOS])
    tokens = written.unique()
    wanted = LOUD * (tokens[:, None] == written).float()
    rows = wanted @ torch.linalg.pinv(states.double()).T.float()
    model.llama.lm_head.weight[tokens] = rows.half().float()


def load(folder: Path, two_layers: bool) -> dict[str, dict[str, torch.Tensor]]:
    """The checkpoint's tensors by part of `Lisa`, float32: read straight from the files."""
    model = build(two_layers)
    places = published_names(model)
    parts: dict[str, dict[str, torch.Tensor]] = {part.name: {} for part in fields(model)}
    for shard in sorted((folder / "lisa").glob("*.bin")):
        for name, tensor in torch.load(shard, weights_only=True).items():
            part, inner = places.pop(name)
            parts[part][inner] = tensor.float()
    if places:
        raise ValueError(f"The checkpoint lacks {sorted(places)[0]}.")
    for name, tensor in load_file(folder / "clip" / "model.safetensors").items():
        parts["clip"][name.removeprefix("vision_model.")] = tensor
    return parts


def assembled(parts: dict[str, dict[str, torch.Tensor]], two_layers: bool) -> Lisa:
    """The modules with these tensors."""
    model = build(two_layers)
    parts["sam"]["prompt_encoder.shared_embedding.positional_embedding"] = parts["sam"][
        "shared_image_embedding.positional_embedding"
    ]
    for part in fields(model):
        getattr(model, part.name).load_state_dict(parts[part.name], assign=True)
    _fill_buffers(model)
    return model


def _fill_buffers(model: Lisa) -> None:
    """What is no weight: modules that were made without values lack it."""
    model.llama.model.rotary_emb = LlamaRotaryEmbedding(model.llama.config)
    model.clip.embeddings.position_ids = torch.arange(model.clip.embeddings.position_embedding.num_embeddings)[None]


def _save(model: Lisa, folder: Path) -> None:
    lisa, clip = folder / "lisa", folder / "clip"
    lisa.mkdir(parents=True)
    clip.mkdir()
    states = {part.name: getattr(model, part.name).state_dict() for part in fields(model)}
    places = published_names(model)
    weight_map = {name: f"pytorch_model-{1 + i % SHARDS:05d}-of-{SHARDS:05d}.bin" for i, name in enumerate(places)}
    for shard in sorted(set(weight_map.values())):
        own = [name for name, file in weight_map.items() if file == shard]
        torch.save({name: states[places[name][0]][places[name][1]].half() for name in own}, lisa / shard)
    (lisa / "pytorch_model.bin.index.json").write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))
    given = model.llama.config.to_dict()
    kept = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "rms_norm_eps",
            "hidden_act", "max_position_embeddings")  # fmt: skip
    tower = {"mm_vision_tower": str(clip.resolve()), "mm_vision_select_layer": -2, "model_type": "llava"}
    (lisa / "config.json").write_text(json.dumps({**{key: given[key] for key in kept}, **tower}))
    (lisa / "tokenizer.model").write_bytes(vocabulary(PIECES))
    (lisa / "added_tokens.json").write_text(json.dumps({token: PIECES + i for i, token in enumerate(ADDED)}))
    save_file({f"vision_model.{name}": tensor for name, tensor in states["clip"].items()}, clip / "model.safetensors")
    vision = {"model_type": "clip", "vision_config": model.clip.config.to_dict()}
    (clip / "config.json").write_text(json.dumps(vision))
