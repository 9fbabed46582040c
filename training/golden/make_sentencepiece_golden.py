"""Writes training/tests/sentencepiece-golden.json: what SentencePiece itself makes of some texts with a small model.

Needs the package `sentencepiece` (0.2.1 made the file), which the kit does not install: a Python that has it runs this.

    PYTHON golden/make_sentencepiece_golden.py MODEL_FILE > tests/sentencepiece-golden.json
"""

import base64
import json
import sys
from pathlib import Path

import sentencepiece

TEXTS = [
    "A chat between a curious human and an artificial intelligence assistant.",
    "What is the dog in this image? Please output segmentation mask.",
    " two  spaces,  at the start",
    "the road\nthe car",
    "naïve café, 3 × 4 °C",
    "漢字 and emoji 🙂",
    ".",
    "",
    "USER: ASSISTANT:",
]


def main() -> None:
    """Prints the file."""
    data = Path(sys.argv[1]).read_bytes()
    processor = sentencepiece.SentencePieceProcessor(model_proto=data)
    cases = [
        {"text": text, "ids": processor.encode(text), "decoded": processor.decode(processor.encode(text))}
        for text in TEXTS
    ]
    print(json.dumps({"model": base64.b64encode(data).decode(), "cases": cases}, ensure_ascii=True, indent=1))


if __name__ == "__main__":
    main()
