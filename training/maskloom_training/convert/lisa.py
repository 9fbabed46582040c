"""LISA, SESAME and READ to a bundle: a LLaVA that answers with [SEG], and the SAM that its states prompt.

One folder holds the language model, projector, <SEG> projection and SAM (segment-anything's names under
`model.visual_model.`); CLIP stands in a repository of its own, which the configuration names.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from transformers import LlamaConfig

from .clip_source import clip_constants, clip_vision
from .folder import BundleFolder
from .language_pieces import clip_piece, language_pieces, projector_piece, seg_piece
from .sam import add_sam
from .sam_pieces import SamPieces
from .source import Source, open_source
from .templates import prompt, questions
from .tensors import CheckpointError, Renamed, Tensors, under
from .tokenizer import read_tokenizer, write_tokenizer

SEG, IMAGE_START, IMAGE_END, BOS, EOS = "[SEG]", "<im_start>", "<im_end>", "<s>", "</s>"
STAGES = {
    "samEncoder": "sam-encoder",
    "samDecoder": "sam-decoder",
    "clipTower": "clip-tower",
    "projector": "projector",
    "tokenEmbedding": "token-embedding",
    "languageModel": "language-model",
}
PROJECTED = {**STAGES, "segProjection": "seg-projection"}


@dataclass(frozen=True)
class Points:
    """Similarity as Points as a READ checkpoint is evaluated; its weights do not say."""

    count: int
    positive: float = 0.8
    negative: float = 0.2
    down_sample: int = 2

    def preset(self) -> dict:
        """The bundle's `sasp` constants: the released code's thresholds, rounding and squared distance."""
        return {
            "downSample": self.down_sample,
            "mode": "fixed",
            "positive": self.positive,
            "negative": self.negative,
            "count": self.count,
            "geometry": "compat",
            "distance": "squared",
        }


def convert_lisa(
    source: Source,
    out: Path,
    dtype: str,
    name: str,
    license: str,
    template: str = "llava_v1",
    vision: str | None = None,
    points: Points | None = None,
    lowercase: bool = False,
    reply: str = "Sure, the segmentation result is [SEG].",
) -> None:
    """Converts a folder of LISAForCausalLM or its descendants; with `points` it is a READ.

    lowercase: whether phrases are lower-cased. reply: the answer of teacher-forced evaluation.
    """
    given = source.json("config.json")
    tensors = source.tensors()
    language = language_tensors(tensors)
    config = llama_config(given, language)
    tower = open_tower(given, vision)
    view, view_tensors = clip_vision(tower)
    layer = int(given.get("mm_vision_select_layer", -2))
    grid = view.image_size // view.patch_size
    tokenizer = read_tokenizer(source)
    projector = projector_layers(tensors)
    wide = tensors.shape(f"{projector[0]}.weight")[1]
    if wide != view.hidden_size:
        raise CheckpointError(
            f"The projector reads features of width {wide}; {tower.name} gives {view.hidden_size}: "
            "give another --vision."
        )
    origin = {**source.origin(), "visionTower": tower.origin(), "template": template}
    with BundleFolder(out, name, license, origin, dtype) as bundle:
        write_tokenizer(tokenizer, bundle.folder, [BOS, EOS, SEG, IMAGE_START], language.shape(
            "model.embed_tokens.weight")[0])  # fmt: skip
        bundle.tokenizer("tokenizer.json", "tokenizer_config.json")
        bundle.piece(clip_piece(view_tensors, view, layer))
        bundle.piece(projector_piece(tensors, projector, grid * grid))
        for piece in language_pieces(language, config):
            bundle.piece(piece)
        bundle.piece(seg_piece(tensors, [f"model.text_hidden_fcs.0.{i}" for i in (0, 2)]))
        add_sam(bundle, SamPieces(under(tensors, "model.visual_model.")), encoder_dtype(dtype))
        bundle.preset("clip", clip_constants(tower, view))
        bundle.preset(
            "llava",
            {
                "hidden": config.hidden_size,
                "imageTokens": grid * grid,
                "grid": grid,
                "prompt": prompt(template, (IMAGE_START, IMAGE_END)),
                "questions": questions(lowercase),
                "answer": reply,
                "positions": config.max_position_embeddings,
                "bos": BOS,
                "eos": EOS,
                "seg": SEG,
                "imStart": IMAGE_START,
                "answerPrefix": "",
                "lowercase": False,
                "maxNewTokens": 512,
            },
        )
        _recipes(bundle, points)
        bundle.finish()


def _recipes(bundle: BundleFolder, points: Points | None) -> None:
    for recipe in ("sam/prompted", "sam/everything"):
        bundle.recipe(recipe, {k: STAGES[k] for k in ("samEncoder", "samDecoder")}, trainedFor=False)
    if points is None:
        for recipe in ("stacked-seg/single", "stacked-seg/several"):
            bundle.recipe(recipe, PROJECTED, points="none", trainedFor=recipe.endswith("single"))
        return
    bundle.preset("sasp", points.preset())
    bundle.recipe("read/full", PROJECTED, points="with-embedding", trainedFor=True)
    bundle.recipe("read/seg-points", PROJECTED, points="with-embedding", trainedFor=False)
    bundle.recipe("read/points", STAGES, points="only", trainedFor=False)
    bundle.recipe("read/seg", PROJECTED, points="none", trainedFor=False)


def encoder_dtype(dtype: str) -> str:
    """How SAM's image encoder is stored beside a language model of `dtype`: of few bits it is kept at 8."""
    return "q8" if dtype == "q4" else dtype


def language_tensors(tensors: Tensors) -> Tensors:
    """The language model's tensors alone."""
    parts = ("model.layers.", "model.embed_tokens.", "model.norm.", "lm_head.")
    return Renamed(tensors, lambda name: name if name.startswith(parts) else None)


def llama_config(given: dict, language: Tensors) -> LlamaConfig:
    """LLaMA's configuration out of LLaVA's; the vocabulary is what the embedding holds."""
    keys = (
        "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
        "rms_norm_eps", "hidden_act", "max_position_embeddings", "rope_theta", "rope_scaling", "head_dim",
    )  # fmt: skip
    taken = {key: given[key] for key in keys if given.get(key) is not None}
    for key in ("hidden_size", "num_hidden_layers", "num_attention_heads"):
        if key not in taken:
            raise CheckpointError(f"config.json has no {key}.")
    rows, width = language.shape("model.embed_tokens.weight")
    layers = 1 + max(int(n.split(".")[2]) for n in language.names() if n.startswith("model.layers."))
    if (width, layers) != (taken["hidden_size"], taken["num_hidden_layers"]):
        raise CheckpointError(
            f"config.json says {taken['num_hidden_layers']} layers of width {taken['hidden_size']}; "
            f"the weights have {layers} of width {width}."
        )
    return LlamaConfig(**taken, vocab_size=rows)


def projector_layers(tensors: Tensors) -> list[str]:
    """The projector's linear layers: LISA's one, or LLaVA-1.5's two with GELU between."""
    names = set(tensors.names())
    for layers in (["model.mm_projector"], ["model.mm_projector.0", "model.mm_projector.2"]):
        if all(f"{layer}.weight" in names for layer in layers):
            return layers
    raise CheckpointError("The checkpoint has no model.mm_projector of one or two layers.")


def open_tower(given: dict, vision: str | None) -> Source:
    """The vision tower that the user or the configuration names."""
    named = vision or given.get("mm_vision_tower") or given.get("vision_tower")
    if not isinstance(named, str):
        raise CheckpointError("config.json names no vision tower; give --vision.")
    return open_source(named)
