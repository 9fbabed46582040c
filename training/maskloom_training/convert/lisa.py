"""LISA, SESAME and READ to a bundle: a LLaVA that answers with [SEG], and the SAM that its states prompt.

One folder holds the language model, projector, <SEG> projection and SAM (segment-anything's names under
`model.visual_model.`); CLIP stands in a repository of its own, which the configuration names.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .clip_source import check_width, clip_constants, clip_vision, open_tower
from .folder import BundleFolder
from .language_pieces import clip_piece, language_pieces, projector_piece, seg_piece
from .language_source import language_tensors, llama_config
from .llava_keys import projector_layers
from .lora import merged_lora
from .sam import add_sam
from .sam_pieces import SamPieces
from .source import Source
from .templates import prompt, questions
from .tensors import under
from .tokenizer import add_missing, read_tokenizer, write_tokenizer

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
    added: tuple[str, ...] = (),
    asked: dict | None = None,
    several: bool = False,
) -> None:
    """Converts a folder of LISAForCausalLM or its descendants; with `points` it is a READ.

    lowercase: whether phrases are lower-cased. reply: the answer of teacher-forced evaluation. added: tokens that a
    tokenizer without them gets, in order. asked: the preset's questions, in place of LISA's. several: whether it was
    trained to answer with one [SEG] for each thing.
    """
    given = source.json("config.json")
    tensors = merged_lora(source.tensors())
    language = language_tensors(tensors)
    config = llama_config(given, language)
    tower = open_tower(given, vision)
    view, view_tensors = clip_vision(tower)
    layer = int(given.get("mm_vision_select_layer", -2))
    grid = view.image_size // view.patch_size
    tokenizer = read_tokenizer(source)
    add_missing(tokenizer, added)
    projector = projector_layers(tensors)
    check_width(tensors, projector[0], tower.name, view.hidden_size)
    sam = SamPieces(under(tensors, "model.visual_model."))
    origin = {**source.origin(), "visionTower": tower.origin(), "template": template}
    with BundleFolder(out, name, license, origin, dtype) as bundle:
        bundle.room(language, view_tensors, sam.tensors)
        write_tokenizer(tokenizer, bundle.folder, [BOS, EOS, SEG, IMAGE_START], language.shape(
            "model.embed_tokens.weight")[0])  # fmt: skip
        bundle.tokenizer("tokenizer.json", "tokenizer_config.json")
        bundle.piece(clip_piece(view_tensors, view, layer))
        bundle.piece(projector_piece(tensors, projector, grid * grid))
        for piece in language_pieces(language, config):
            bundle.piece(piece)
        bundle.piece(seg_piece(tensors, [f"model.text_hidden_fcs.0.{i}" for i in (0, 2)]))
        add_sam(bundle, sam, encoder_dtype(dtype))
        bundle.preset("clip", clip_constants(tower, view))
        bundle.preset(
            "llava",
            {
                "hidden": config.hidden_size,
                "imageTokens": grid * grid,
                "grid": grid,
                "prompt": prompt(template, (IMAGE_START, IMAGE_END)),
                "questions": asked or questions(lowercase),
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
        _recipes(bundle, points, "several" if several else "single")
        bundle.finish()


def _recipes(bundle: BundleFolder, points: Points | None, stacked: str) -> None:
    for recipe in ("sam/prompted", "sam/everything"):
        bundle.recipe(recipe, {k: STAGES[k] for k in ("samEncoder", "samDecoder")}, trainedFor=False)
    if points is None:
        for recipe in ("stacked-seg/single", "stacked-seg/several"):
            bundle.recipe(recipe, PROJECTED, points="none", trainedFor=recipe.endswith(stacked))
        return
    bundle.preset("sasp", points.preset())
    bundle.recipe("read/full", PROJECTED, points="with-embedding", trainedFor=True)
    bundle.recipe("read/seg-points", PROJECTED, points="with-embedding", trainedFor=False)
    bundle.recipe("read/points", STAGES, points="only", trainedFor=False)
    bundle.recipe("read/seg", PROJECTED, points="none", trainedFor=False)


def encoder_dtype(dtype: str) -> str:
    """How SAM's image encoder is stored beside a language model of `dtype`: of few bits it is kept at 8."""
    return "q8" if dtype == "q4" else dtype
