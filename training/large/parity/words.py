"""Tokenizers with a real number of pieces, of which the first few hundred are learnt from some sentences."""

from __future__ import annotations

from transformers.utils import sentencepiece_model_pb2_new as sentencepiece

from tests.lisa_folder import sentencepiece_model


def vocabulary(pieces: int) -> bytes:
    """A SentencePiece model of LLaMA's kind with that many pieces."""
    model = sentencepiece.ModelProto()
    model.ParseFromString(sentencepiece_model())
    for i in range(pieces - len(model.pieces)):
        model.pieces.add(piece=f"▁w{i}x", score=-1e4 - i, type=1)
    return model.SerializeToString()
