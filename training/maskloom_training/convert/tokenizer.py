"""A checkpoint's tokenizer as tokenizer.json, with the tokens that were added for segmentation."""

from __future__ import annotations

import json
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers
from transformers.convert_slow_tokenizer import generate_merges
from transformers.utils import sentencepiece_model_pb2_new as sentencepiece

from .source import Source
from .tensors import CheckpointError

BYTE, CONTROL, UNKNOWN = 6, 3, 2
"""Kinds of pieces in a SentencePiece model."""


def read_tokenizer(source: Source) -> Tokenizer:
    """tokenizer.json where there is one; else LLaMA's SentencePiece model, converted, with the folder's added tokens.

    Raises CheckpointError when the folder has neither.
    """
    if source.has("tokenizer.json"):
        tokenizer = Tokenizer.from_file(str(source.folder / "tokenizer.json"))
    elif source.has("tokenizer.model"):
        tokenizer = from_sentencepiece((source.folder / "tokenizer.model").read_bytes())
    else:
        raise CheckpointError(f"{source.name} has neither tokenizer.json nor tokenizer.model.")
    for token, number, special in _added(source):
        known = tokenizer.token_to_id(token)
        if known is None:
            add = tokenizer.add_special_tokens if special else tokenizer.add_tokens
            # They take the white space around them, as in transformers 4.29 to 4.31, used for their training.
            add([AddedToken(token, lstrip=True, rstrip=True, normalized=False, special=special)])
            known = tokenizer.token_to_id(token)
        if known != number:
            raise CheckpointError(f"The token {token!r} has the id {number} in {source.name}, but would get {known}.")
    return tokenizer


def add_missing(tokenizer: Tokenizer, tokens: tuple[str, ...]) -> None:
    """Adds tokens that the tokenizer does not have, in order, as LISA's descendants add them in their own code."""
    for token in tokens:
        if tokenizer.token_to_id(token) is None:
            tokenizer.add_tokens([AddedToken(token, lstrip=True, rstrip=True, normalized=False)])


def from_sentencepiece(data: bytes) -> Tokenizer:
    """LLaMA's tokenizer: byte-pair encoding with byte fallback, a space put before every piece of text (the form that
    Hugging Face calls `legacy`, which LLaVA-1.5 and its descendants were trained with)."""
    model = sentencepiece.ModelProto()
    model.ParseFromString(data)
    if model.trainer_spec.model_type != 2:
        raise CheckpointError("tokenizer.model is not a byte-pair encoding, as LLaMA's is.")
    pieces = [(piece.piece, piece.score) for piece in model.pieces]
    vocabulary = {piece: i for i, (piece, _) in enumerate(pieces)}
    unknown = next((p.piece for p in model.pieces if p.type == UNKNOWN), "<unk>")
    merges = generate_merges(vocabulary, pieces)
    byte_fallback = any(piece.type == BYTE for piece in model.pieces)
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, unk_token=unknown, fuse_unk=True, byte_fallback=byte_fallback))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    special = [piece.piece for piece in model.pieces if piece.type in (CONTROL, UNKNOWN)]
    tokenizer.add_special_tokens([AddedToken(token, normalized=False, special=True) for token in special])
    return tokenizer


def write_tokenizer(tokenizer: Tokenizer, folder: Path, needed: list[str], rows: int) -> None:
    """Writes tokenizer.json and tokenizer_config.json.

    needed: tokens that the system asks about. rows: of the embedding table; every id must be below.
    """
    for token in needed:
        number = tokenizer.token_to_id(token)
        if number is None:
            raise CheckpointError(f"The tokenizer has no token {token!r}, which this kind of checkpoint answers with.")
        if number >= rows:
            raise CheckpointError(f"The token {token!r} has the id {number}; the embedding has only {rows} rows.")
    tokenizer.no_padding()
    tokenizer.no_truncation()
    (folder / "tokenizer.json").write_text(tokenizer.to_str(pretty=False), encoding="utf8")
    config = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False}
    (folder / "tokenizer_config.json").write_text(json.dumps(config) + "\n")


def opening(tokenizer: Tokenizer) -> str | None:
    """The token that the tokenizer puts before every text; None when it puts none."""
    ids = tokenizer.encode("").ids
    return tokenizer.id_to_token(ids[0]) if ids else None


def end_mark(source: Source, tokenizer: Tokenizer, default: int | None) -> str:
    """The token that ends an answer, as the folder's files say; `default`: its id, where they do not."""
    given = source.json("generation_config.json").get("eos_token_id") if source.has("generation_config.json") else None
    number = given[0] if isinstance(given, list) and given else given
    token = tokenizer.id_to_token(number) if isinstance(number, int) else None
    if token is None and source.has("tokenizer_config.json"):
        stated = source.json("tokenizer_config.json").get("eos_token")
        token = stated.get("content") if isinstance(stated, dict) else stated
    if token is None and default is not None:
        token = tokenizer.id_to_token(default)
    if token is None:
        raise CheckpointError(f"{source.name} does not say which token ends an answer.")
    return token


def _added(source: Source) -> list[tuple[str, int, bool]]:
    """(token, id, special) by id, of added_tokens.json and tokenizer_config.json."""
    found: dict[int, tuple[str, bool]] = {}
    special: set[str] = set()
    if source.has("special_tokens_map.json"):
        for value in source.json("special_tokens_map.json").values():
            for one in value if isinstance(value, list) else [value]:
                special.add(one["content"] if isinstance(one, dict) else one)
    if source.has("added_tokens.json"):
        for token, number in source.json("added_tokens.json").items():
            found[int(number)] = (token, token in special)
    if source.has("tokenizer_config.json"):
        for number, entry in source.json("tokenizer_config.json").get("added_tokens_decoder", {}).items():
            found[int(number)] = (entry["content"], bool(entry.get("special")))
    return [(token, number, is_special) for number, (token, is_special) in sorted(found.items())]
