"""A LLaMA in one GGUF file (SmolLM2, for example) to a bundle under the recipe `llama/language`."""

from __future__ import annotations

from pathlib import Path

from .folder import BundleFolder
from .gguf_source import Gguf
from .language_pieces import language_pieces
from .source import Source
from .tokenizer import write_tokenizer


def convert_gguf(source: Source, out: Path, dtype: str, name: str, license: str) -> None:
    """Converts a .gguf file; `license` is used where the file states none."""
    tensors = Gguf(source.path)
    stated = tensors.field("general.license")
    spdx = {"apache-2.0": "Apache-2.0", "mit": "MIT"}.get(stated, stated or license)
    config, tokenizer = tensors.config(), tensors.tokenizer()
    with BundleFolder(out, name, spdx, source.origin(), dtype) as bundle:
        bundle.room(tensors)
        end = tensors.field("tokenizer.ggml.tokens")[tensors.field("tokenizer.ggml.eos_token_id")]
        write_tokenizer(tokenizer, bundle.folder, [end], config.vocab_size)
        bundle.tokenizer("tokenizer.json", "tokenizer_config.json")
        for piece in language_pieces(tensors, config):
            bundle.piece(piece)
        bundle.preset(
            "language", {"hidden": config.hidden_size, "eos": end, "positions": config.max_position_embeddings}
        )
        bundle.recipe("llama/language", {"tokenEmbedding": "token-embedding", "languageModel": "language-model"})
        bundle.finish()
