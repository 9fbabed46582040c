"""ROSE's rows as this kit trains them, of any size, to a bundle: weights are read and written one tensor at a time.

SRC is the folder of the runs: `rose/ROW/checkpoint.pt`, `siglip/checkpoint.pt` and `tokenizer/`. Sizes stand in the
checkpoints' configurations. The towers must have SAM's and SigLIP's own stems; toy stems go by `rose.bundle`.
"""

from __future__ import annotations

import copy
from pathlib import Path

import torch
from torch.nn import functional as F
from transformers import SiglipTextModel

from ..onevision.model import OneVisionSettings
from ..rose.bundle import onevision_preset, rose_preset, run_folder, siglip_preset
from ..rose.merge import Choices
from ..rose.recipes import Lora, RoseRecipe
from ..sam.config import SamTinyConfig
from ..siglip.model import SiglipSettings
from .folder import BundleFolder
from .language_pieces import TWIN_LAYERS, language_pieces, projector_piece, seg_piece, siglip_piece
from .language_source import language_tensors
from .lora import merged_lora
from .own_runs import configuration, module_tensors
from .pieces import Piece
from .rose_heads import analyzer_piece
from .sam import add_sam
from .sam_pieces import SamPieces
from .source import Source
from .tensors import CheckpointError, Tensors, under
from .text import masked_siglip_text
from .tokenizer import read_tokenizer, write_tokenizer

MODEL = "weights.model."


def convert_rose(source: Source, out: Path, dtype: str, name: str, license: str, row: str = "rose/patch") -> None:
    """One row, `rose/...` or `stacked-seg/...`."""
    path, tower_path = source.path / "rose" / run_folder(row) / "checkpoint.pt", source.path / "siglip/checkpoint.pt"
    config, siglip = configuration(path, "rose"), SiglipSettings(**configuration(tower_path, "siglip")["model"])
    options = dict(config["recipe"])
    lora = options.pop("lora")
    recipe = RoseRecipe(**options, lora=Lora(tuple(lora["targets"]), lora["alpha"], lora["rank"]))
    settings, sam = OneVisionSettings(**config["onevision"]), SamTinyConfig.from_dict(config["sam"])
    if siglip.stem != "patch" or sam.stem != "patch":
        raise CheckpointError(
            f"{source.name} has the toy's convolution stems; bundle it by python -m maskloom_training.rose.bundle."
        )
    weights = merged_lora(module_tensors(source, path), recipe.lora.alpha)
    towers = under(module_tensors(source, tower_path), "siglip.")
    language = language_tensors(under(weights, f"{MODEL}language_model."))
    decoder = SamPieces(under(weights, "weights.sam."), sam.decoder_heads)
    tokenizer = read_tokenizer(Source(source.name, source.path / "tokenizer"))
    roles = {
        "samEncoder": "sam-encoder",
        "samDecoder": "sam-decoder",
        "siglipTower": "siglip-tower",
        "projector": "projector",
        "tokenEmbedding": "token-embedding",
        "languageModel": "language-model",
    }
    own: dict = {"perTarget": recipe.per_target}
    with BundleFolder(out, name, license, source.origin(), dtype) as bundle:
        bundle.room(weights, towers)
        preset = onevision_preset(settings)
        write_tokenizer(
            tokenizer, bundle.folder, [preset["bos"], preset["eos"], preset["imStart"]], settings.vocabulary
        )
        bundle.tokenizer("tokenizer.json", "tokenizer_config.json")
        vision = siglip.vision()
        vision.vision_use_head = False
        bundle.piece(siglip_piece(under(towers, "vision."), vision, -1))
        layers = [f"{MODEL}projector.linear_{i}" for i in (1, 2)]
        bundle.piece(projector_piece(weights, layers, settings.image_tokens, f"{MODEL}projector.cells"))
        for piece in language_pieces(language, settings.hugging_face()):
            bundle.piece(piece)
        if recipe.unit == "patch":
            bundle.piece(analyzer_piece(under(weights, "weights.analyzer.")))
            bundle.piece(_text_piece(under(towers, "language."), siglip))
            roles |= {"patchAnalyzer": "patch-analyzer", "siglipText": "siglip-text"}
            own = {"naming": recipe.naming, "superPatch": recipe.assignment.preset()}
        else:
            bundle.piece(seg_piece(weights, [f"weights.projection.layers.{i}" for i in (0, 2)]))
            roles["segProjection"] = "seg-projection"
        add_sam(bundle, decoder, "q8" if dtype == "q4" else dtype)
        scale = float(torch.as_tensor(towers.read("logit_scale")).exp())
        bundle.preset("siglip", siglip_preset(siglip, scale))
        bundle.preset("onevision", preset)
        bundle.preset("rose", rose_preset(Choices()))
        bundle.recipe(row, roles, points="none", presets={"rose": own}, trainedFor=True)
        bundle.finish()


def _text_piece(tensors: Tensors, settings: SiglipSettings) -> Piece:
    """SigLIP's text tower as this kit trains it."""
    config = settings.text()
    small = copy.deepcopy(config)
    small.num_hidden_layers = min(TWIN_LAYERS, config.num_hidden_layers)
    small._attn_implementation = "eager"

    def reference(stored: dict[str, torch.Tensor]):
        model = SiglipTextModel(small).eval()
        model.load_state_dict(stored, strict=False)

        def forward(ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            blocked = (1.0 - mask[:, None, None, :].float()) * torch.finfo(torch.float32).min
            states = model.embeddings(ids)
            for layer in model.encoder.layers:
                states = layer(states, blocked)
            ends = states[torch.arange(len(ids)), mask.sum(1) - 1]
            return F.normalize(model.head(model.final_layer_norm(ends)), dim=-1)

        ids = torch.arange(2 * 6).reshape(2, 6)
        mask = torch.tensor([[1] * 6, [1] * 4 + [0] * 2])
        return forward, {"input_ids": ids, "attention_mask": mask}

    return Piece(
        "siglip-text",
        tensors,
        lambda g: masked_siglip_text(g, config),
        lambda g: masked_siglip_text(g, config, small.num_hidden_layers),
        reference,
    )
