"""LLaVA-1.5 by itself, under the recipe `llava/language`: Hugging Face's layout, or the original repository's.

Both see the centre square of a picture, as Hugging Face's processor cuts it; the original code's border of the mean
colour (`image_aspect_ratio` "pad") is not made.
"""

from __future__ import annotations

from pathlib import Path

from transformers import CLIPVisionConfig

from .chat_template import chat_prompt
from .clip_source import check_width, clip_constants, clip_vision, open_tower
from .folder import BundleFolder
from .language_pieces import clip_piece, language_pieces, projector_piece
from .language_source import language_tensors, llama_config, text_config
from .llava_keys import in_parts, inner_tower, is_hugging_face, projector_layers
from .source import Source
from .templates import CHAT_LLAVA, prompt
from .tensors import CheckpointError
from .tokenizer import end_mark, opening, read_tokenizer, write_tokenizer

STAGES = {
    "clipTower": "clip-tower",
    "projector": "projector",
    "tokenEmbedding": "token-embedding",
    "languageModel": "language-model",
}
BOS = "<s>"


def convert_llava(
    source: Source,
    out: Path,
    dtype: str,
    name: str,
    license: str,
    template: str | None = None,
    vision: str | None = None,
) -> None:
    """Converts a folder of LlavaForConditionalGeneration or of the original LlavaLlamaForCausalLM.

    template: one of LLaVA's by name, in place of the folder's own chat template (Hugging Face) or vicuna_v1 (original).
    vision: the tower of an original checkpoint, in place of the one that it holds or names.
    """
    given = source.config("llava", "llava_llama")
    stored = source.tensors()
    hugging_face = is_hugging_face(stored)
    tensors = in_parts(stored)
    language = language_tensors(tensors)
    config = (text_config if hugging_face else llama_config)(given, language)
    layer = given.get("vision_feature_layer", given.get("mm_vision_select_layer", -2))
    if not isinstance(layer, int):
        raise CheckpointError(f"The projector reads several layers of the tower ({layer}), which is not converted.")
    if given.get("vision_feature_select_strategy", "default") != "default":
        raise CheckpointError("The projector reads the class token (vision_feature_select_strategy), not converted.")
    seen = source
    view_tensors = None if vision else inner_tower(tensors)
    if hugging_face and view_tensors is not None:
        view = CLIPVisionConfig(**(given.get("vision_config") or {}))
    else:
        seen = open_tower(given, vision)
        view, apart = clip_vision(seen)
        view_tensors = view_tensors or apart
    projector = projector_layers(tensors)
    check_width(tensors, projector[0], seen.name, view.hidden_size)
    tokenizer = read_tokenizer(source)
    begin = opening(tokenizer) or (BOS if tokenizer.token_to_id(BOS) is not None else None)
    end = end_mark(source, tokenizer, config.eos_token_id)
    if template is not None or not hugging_face:
        asked = prompt(template or "vicuna_v1")
    else:
        asked = chat_prompt(source, CHAT_LLAVA, begin)
    grid = view.image_size // view.patch_size
    origin = {**source.origin(), **({} if seen is source else {"visionTower": seen.origin()})}
    with BundleFolder(out, name, license, origin, dtype) as bundle:
        bundle.room(language, view_tensors)
        rows = language.shape("model.embed_tokens.weight")[0]
        write_tokenizer(tokenizer, bundle.folder, [t for t in (begin, end) if t], rows)
        bundle.tokenizer("tokenizer.json", "tokenizer_config.json")
        bundle.piece(clip_piece(view_tensors, view, layer))
        bundle.piece(projector_piece(tensors, projector, grid * grid))
        for piece in language_pieces(language, config):
            bundle.piece(piece)
        bundle.preset("clip", clip_constants(seen, view))
        bundle.preset("llava", {
            "hidden": config.hidden_size, "imageTokens": grid * grid, "prompt": asked,
            "positions": config.max_position_embeddings, **({"bos": begin} if begin else {}), "eos": end,
            "answerPrefix": "", "lowercase": False, "maxNewTokens": 512,
        })  # fmt: skip
        bundle.recipe("llava/language", STAGES)
        bundle.finish()
