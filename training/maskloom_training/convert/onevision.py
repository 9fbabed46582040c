"""LLaVA-OneVision by itself, under the recipe `onevision/language`: Qwen2 over SigLIP, Hugging Face's layout.

One view of the picture, the whole of it squeezed to the tower's square: what the model is given for a picture without
tiles. The vector `image_newline` that stands behind that view becomes a token of its own, `<image_newline>`, so that
the prompt can name it.
"""

from __future__ import annotations

from pathlib import Path

from tokenizers import AddedToken
from transformers import SiglipVisionConfig

from .chat_template import chat_prompt
from .clip_source import check_width
from .folder import BundleFolder
from .language_pieces import language_pieces, projector_piece, siglip_piece
from .language_source import language_tensors, text_config
from .llava_keys import in_parts, inner_tower, is_hugging_face, projector_layers
from .source import Source
from .templates import CHAT_ONEVISION
from .tensors import CheckpointError, WithRow
from .tokenizer import end_mark, opening, read_tokenizer, write_tokenizer

NEWLINE = "<image_newline>"
STAGES = {
    "siglipTower": "siglip-tower",
    "projector": "projector",
    "tokenEmbedding": "token-embedding",
    "languageModel": "language-model",
}


def convert_onevision(source: Source, out: Path, dtype: str, name: str, license: str) -> None:
    """Converts a folder of LlavaOnevisionForConditionalGeneration."""
    given = source.config("llava_onevision")
    stored = source.tensors()
    if not is_hugging_face(stored):
        raise CheckpointError(
            f"{source.name} is not in Hugging Face's layout; take the same model's repository whose name ends in -hf."
        )
    tensors = in_parts(stored)
    language = language_tensors(tensors)
    config = text_config(given, language)
    layer = given.get("vision_feature_layer", -1)
    if not isinstance(layer, int) or given.get("vision_feature_select_strategy", "full") != "full":
        raise CheckpointError("config.json says that the projector reads other than all tokens of one layer.")
    view = SiglipVisionConfig(**(given.get("vision_config") or {}))
    view_tensors = inner_tower(tensors)
    if view_tensors is None:
        raise CheckpointError("The checkpoint has no vision_tower.")
    projector = projector_layers(tensors)
    check_width(tensors, projector[0], "the tower", view.hidden_size)
    tokenizer = read_tokenizer(source)
    begin, end = opening(tokenizer), end_mark(source, tokenizer, config.eos_token_id)
    words, asked = language, chat_prompt(source, CHAT_ONEVISION, begin)
    if "image_newline" in tensors.names():
        tokenizer.add_special_tokens([AddedToken(NEWLINE, normalized=False, special=True)])
        row = tensors.read("image_newline")
        words = WithRow(language, "model.embed_tokens.weight", tokenizer.token_to_id(NEWLINE), row)
        asked = asked.replace("{image}", f"{{image}}{NEWLINE}")
    pixels = source.json("preprocessor_config.json") if source.has("preprocessor_config.json") else {}
    tokens = (view.image_size // view.patch_size) ** 2
    with BundleFolder(out, name, license, source.origin(), dtype) as bundle:
        bundle.room(language, view_tensors)
        rows = words.shape("model.embed_tokens.weight")[0]
        write_tokenizer(tokenizer, bundle.folder, [t for t in (begin, end) if t], rows)
        bundle.tokenizer("tokenizer.json", "tokenizer_config.json")
        bundle.piece(siglip_piece(view_tensors, view, layer))
        bundle.piece(projector_piece(tensors, projector, tokens))
        for piece in language_pieces(language, config, words):
            bundle.piece(piece)
        bundle.preset("siglip", {
            "imageSize": view.image_size, "patchSize": view.patch_size,
            "mean": pixels.get("image_mean", [0.5] * 3), "std": pixels.get("image_std", [0.5] * 3),
            "resample": "bicubic", "crop": "stretch",
        })  # fmt: skip
        bundle.preset("onevision", {
            "hidden": config.hidden_size, "imageTokens": tokens, "prompt": asked,
            "positions": config.max_position_embeddings, **({"bos": begin} if begin else {}), "eos": end,
            "answerPrefix": "", "lowercase": False, "maxNewTokens": 512,
        })  # fmt: skip
        bundle.recipe("onevision/language", STAGES)
        bundle.finish()
