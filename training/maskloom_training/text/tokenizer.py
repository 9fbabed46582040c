"""The kit's tokenizer: byte-level BPE trained on the synthetic world's own text.

Byte-level BPE (the GPT-2 scheme) rather than a closed word list: every word of the world becomes one
token, and any other text a user types still encodes, without an unknown token. `tokenizer.json` is read
unchanged by `tokenizers` in Python and by `@huggingface/tokenizers` in JavaScript.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

UNKNOWN, BOS, PAD, EOS = "<unk>", "<s>", "<pad>", "</s>"
SEG, IMAGE_START, IMAGE_END = "[SEG]", "<im_start>", "<im_end>"
# Order fixes the ids 0..6. `</s>` is not 2: CLIPTextConfig treats an end id of 2 as a legacy model.
SPECIAL_TOKENS = (UNKNOWN, BOS, PAD, EOS, SEG, IMAGE_START, IMAGE_END)


def train_tokenizer(texts: Iterable[str], vocabulary_size: int = 1024) -> Tokenizer:
    """Train byte-level BPE on `texts`; ids 0..6 are SPECIAL_TOKENS, then the 256 bytes, then merges."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary_size,
        min_frequency=2,
        special_tokens=[AddedToken(t, special=True, normalized=False) for t in SPECIAL_TOKENS],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def save_tokenizer(tokenizer: Tokenizer, directory: Path) -> None:
    """Write `tokenizer.json` and `tokenizer_config.json` (the two files that a bundle carries)."""
    directory.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(directory / "tokenizer.json"))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "unk_token": UNKNOWN,
        "bos_token": BOS,
        "eos_token": EOS,
        "pad_token": PAD,
        "additional_special_tokens": [SEG, IMAGE_START, IMAGE_END],
        "add_bos_token": False,
        "add_eos_token": False,
        "clean_up_tokenization_spaces": False,
        "model_max_length": 1024,
    }
    (directory / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")


def load_tokenizer(directory: Path) -> Tokenizer:
    """Read a tokenizer that `save_tokenizer` wrote."""
    return Tokenizer.from_file(str(directory / "tokenizer.json"))


def encode(tokenizer: Tokenizer, text: str) -> list[int]:
    """Token ids of `text`, with nothing added at either end."""
    return tokenizer.encode(text, add_special_tokens=False).ids


def decode(tokenizer: Tokenizer, ids: list[int]) -> str:
    """Text of `ids`; special tokens are kept visible, as `[SEG]` is part of an answer."""
    return tokenizer.decode(ids, skip_special_tokens=False)
