"""What maskloom-convert knows by name: how each kind of checkpoint is converted, and the licence of its weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from .cat_seg import convert_cat_seg
from .gguf_language import convert_gguf
from .lisa import Points, convert_lisa
from .llava import convert_llava
from .lmseg import convert_lmseg
from .onevision import convert_onevision
from .rose import convert_rose
from .sam import convert_sam
from .templates import gsva_questions
from .towers import convert_clip, convert_siglip


@dataclass(frozen=True)
class Checkpoint:
    """One kind of checkpoint."""

    summary: str
    license: str
    convert: Callable[..., None]
    """(source, out, dtype=, name=, license=, and its options)."""
    options: tuple[str, ...] = ()
    """Options of the command that it takes."""


_SEEN = ("vision", "template")
_LLAMA_1 = "Apache-2.0 AND LicenseRef-LLaMA"
_LLAMA_2 = "LicenseRef-Llama-2-Community"

CHECKPOINTS: dict[str, Checkpoint] = {
    "sam": Checkpoint("SAM ViT-B, L or H (segment-anything's .pth, or Hugging Face)", "Apache-2.0", convert_sam),
    "clip": Checkpoint("CLIP, any ViT (openai/clip-vit-base-patch16, ...)", "MIT", convert_clip),
    "siglip": Checkpoint("SigLIP, SigLIP 2 of fixed size (google/siglip-...)", "Apache-2.0", convert_siglip),
    "gguf": Checkpoint("a LLaMA in one GGUF file (SmolLM2, ...); needs the package gguf", "NOASSERTION", convert_gguf),
    "cat-seg": Checkpoint("CAT-Seg B or L (model_base.pth, model_large.pth)", "MIT", convert_cat_seg, ("tokenizer",)),
    "llava": Checkpoint(
        "LLaVA-1.5 (llava-hf/llava-1.5-7b-hf, or liuhaotian/llava-v1.5-7b)", _LLAMA_2, convert_llava, _SEEN
    ),
    "onevision": Checkpoint(
        "LLaVA-OneVision, one view (llava-hf/llava-onevision-qwen2-0.5b-ov-hf, ...)", "Apache-2.0", convert_onevision
    ),
    "lisa": Checkpoint(
        "LISA-7B or 13B, v1 (xinlai/LISA-7B-v1, ...)", _LLAMA_1, partial(convert_lisa, reply="[SEG]."), _SEEN
    ),
    "lisa-llama2": Checkpoint(
        "LISA-13B-llama2-v1, asked in LLaMA 2's template",
        f"Apache-2.0 AND {_LLAMA_2}",
        partial(convert_lisa, template="llava_llama_2", reply="[SEG]."),
        _SEEN,
    ),
    "lmseg": Checkpoint(
        "a row of LMSeg that this kit trained, of any size; SRC is the folder of the runs",
        "Apache-2.0",
        convert_lmseg,
        ("row",),
    ),
    "rose": Checkpoint(
        "a row of ROSE that this kit trained, of any size; SRC is the folder of the runs",
        "Apache-2.0",
        convert_rose,
        ("row",),
    ),
    "sesame": Checkpoint(
        "SESAME-7B (tsunghanwu/SESAME, SESAME_minus)",
        f"MIT AND {_LLAMA_2}",
        partial(convert_lisa, lowercase=True),
        _SEEN,
    ),
    "gsva": Checkpoint(
        "GSVA (gsva-7b-ft-gres.bin beside its LLaVA's config.json and tokenizer)",
        _LLAMA_1,
        partial(
            convert_lisa,
            added=("[SEG]", "[REJ]", "<im_start>", "<im_end>"),
            asked=gsva_questions(),
            reply="[SEG]",
            several=True,
        ),
        _SEEN,
    ),
    **{
        f"read-{name}": Checkpoint(
            f"READ ({summary})", f"MIT AND {_LLAMA_2}", partial(convert_lisa, points=points, lowercase=True), _SEEN
        )
        for name, summary, points in (
            ("7b", "7B: 30 points, as evaluated on ReasonSeg's test set", Points(30)),
            ("7b-15", "7B whose name says 15 points, ReasonSeg's validation set", Points(15)),
            ("13b", "13B: 60 points on the whole grid", Points(60, positive=0.6, down_sample=1)),
        )
    },
}
"""Licences are those that the weights' own repositories and the language model under them state."""
