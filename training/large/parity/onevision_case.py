"""LLaVA-OneVision at 0.5B's widths with two layers: converted, asked about a picture, against Hugging Face's class."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from transformers import LlavaOnevisionConfig, LlavaOnevisionForConditionalGeneration, Qwen2Config, SiglipVisionConfig
from transformers.models.qwen2.modeling_qwen2 import Qwen2RotaryEmbedding

from tests.llava_folder import ONEVISION_TEMPLATE, TinyOneVision
from tests.test_convert_llava import QUESTION, rendered

from .random_weights import photograph, randomise
from .report import Compare, Row
from .sdk import Steps, convert
from .stored import Weights, stored

SIDE, CELLS, MOST = 384, 27 * 27, 8


class OneVision(TinyOneVision):
    """SigLIP so400m/14 at 384 and Qwen2-0.5B, two layers of each; the folder and the tokenizer are the tests'."""

    side = SIDE

    def __init__(self) -> None:
        super().__init__()
        self.model = LlavaOnevisionForConditionalGeneration(config(self.model.config.image_token_id))
        randomise(self.model)


def config(image_token: int, tied: bool = True) -> LlavaOnevisionConfig:
    """llava-hf/llava-onevision-qwen2-0.5b-ov-hf's, with two layers. `tied`: one table for words read and written."""
    vision = SiglipVisionConfig(
        hidden_size=1152, intermediate_size=4304, num_hidden_layers=2, num_attention_heads=16, image_size=SIDE,
        patch_size=14, vision_use_head=False,
    )  # fmt: skip
    text = Qwen2Config(
        vocab_size=152000, hidden_size=896, intermediate_size=4864, num_hidden_layers=2, num_attention_heads=14,
        num_key_value_heads=2, max_position_embeddings=32768, tie_word_embeddings=tied,
        rope_parameters={"rope_type": "default", "rope_theta": 1e6},
    )  # fmt: skip
    return LlavaOnevisionConfig(
        vision_config=vision, text_config=text, image_token_index=image_token, image_grid_pinpoints=[[SIDE, SIDE]],
        tie_word_embeddings=tied,
    )  # fmt: skip


def run(case: str, dtypes: Iterable[str], work: Path) -> list[Row]:
    """One bundle a dtype, one question."""
    image = photograph(work / "photo.png")
    given = OneVision()
    given.write(work / "onevision", "hf-new")
    # One token a cell, and the one that stands for the new line behind the view.
    ids = given.tokenizer.encode(rendered(ONEVISION_TEMPLATE, "<image>" * (CELLS + 1))).ids
    image_token, end = given.model.config.image_token_id, given.end
    weights = {name: tensor.clone() for name, tensor in given.model.state_dict().items()}
    weights.pop("lm_head.weight", None)
    del given
    rows = []
    for dtype in dtypes:
        gc.collect()
        bundle = convert("onevision", work / "onevision", work / dtype, dtype)
        step = {"kind": "ask", "recipe": "onevision/language", "image": str(work / "photo.png"), "text": QUESTION,
                "maxNewTokens": MOST}  # fmt: skip
        said = Steps(bundle, [step]).results[0]
        with torch.device("meta"):
            model = LlavaOnevisionForConditionalGeneration(config(image_token, tied=False))
        model.to_empty(device="cpu")
        # What is no weight lacks values too.
        model.model.language_model.rotary_emb = Qwen2RotaryEmbedding(model.config.text_config)
        model.model.vision_tower.embeddings.position_ids = torch.arange(CELLS)[None]
        model.load_state_dict(as_stored(bundle, weights))
        states, written = answered(model.eval(), ids, image, said["ids"], end)
        compare = Compare(case, dtype)
        rows.append(compare.same(f"ids of {MOST} greedy tokens", said["ids"], written))
        places = torch.tensor([i for i, token in enumerate(ids) if token == image_token][:CELLS])
        rows.append(compare.states(f"states of {CELLS} image tokens", said["image"][0], states[places]))
    return rows


@torch.no_grad()
def answered(model, ids: list[int], image: np.ndarray, guess: list[int], end: int) -> tuple[torch.Tensor, list[int]]:
    """States behind the last norm, and the greedy ids as far as `guess` has them right, with the first that is not."""
    picture = Image.fromarray(image)
    small = np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC)).copy()
    pixels = torch.from_numpy(small).permute(2, 0, 1)[None].float() / 127.5 - 1
    out = model(
        input_ids=torch.tensor([[*ids, *guess]]), pixel_values=pixels[None], use_cache=False,
        image_sizes=torch.tensor([[picture.height, picture.width]]), output_hidden_states=True,
        # A picture among several has one view and no tiles.
        batch_num_images=torch.tensor([2]), logits_to_keep=len(guess) + 1,
    )  # fmt: skip
    said = out.logits[0].argmax(-1).tolist()
    written: list[int] = []
    for token, expected in zip(said, [*guess, None], strict=True):
        if token == end or len(written) == MOST:
            break
        written.append(token)
        if token != expected:
            break
    return out.hidden_states[-1][0], written


def as_stored(bundle: Path, weights: Weights) -> Weights:
    """The model's weights as the bundle's graphs hold them: of the one table there are two, rounded differently."""
    table, inside, line = "model.language_model.embed_tokens.weight", "model.embed_tokens.weight", "model.image_newline"
    result = {}
    for graph, name in (("token-embedding", table), ("language-model", "lm_head.weight")):
        result[name] = stored(bundle / f"{graph}.onnx", {inside: weights[table]})[inside]
    # The new line is a row of the table that is read.
    halves = not torch.equal(result[table], weights[table])
    result[line] = weights[line].half().float() if halves else weights[line]
    for graph, prefix, inner in (
        ("siglip-tower", "model.vision_tower.", ""),
        ("projector", "model.multi_modal_projector.", "multi_modal_projector."),
        ("language-model", "model.language_model.", "model."),
    ):
        own = {inner + n.removeprefix(prefix): w for n, w in weights.items() if n.startswith(prefix) and n != table}
        for name, weight in stored(bundle / f"{graph}.onnx", own).items():
            result[prefix + name.removeprefix(inner)] = weight
    return result
