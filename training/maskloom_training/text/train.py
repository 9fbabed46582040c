"""Train the tokenizer: `python -m maskloom_training.text.train --data DIR --out DIR`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from ..world import World
from .phrases import read_queries
from .prompts import TEMPLATE, several_answer
from .scenes import Vocabulary
from .tokenizer import save_tokenizer, train_tokenizer


def corpus(world: World) -> Iterator[str]:
    """Every prompt with its answer, and every bare word of the vocabulary."""
    plain = TEMPLATE.replace("{image}", "")
    for image in read_queries(world):
        for query in (*image.true, *image.false, *image.reason, *image.text):
            yield plain.replace("{text}", query.text) + query.answer
    vocabulary = Vocabulary.of(world)
    for word in vocabulary.words:
        for _ in range(50):
            yield f" the {word}" + several_answer([f"the {word}"] * 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="training data set")
    parser.add_argument("--out", type=Path, required=True, help="folder for tokenizer.json")
    parser.add_argument("--images", type=int, default=2000, help="pictures whose text is read")
    parser.add_argument("--vocabulary", type=int, default=1024, help="largest vocabulary")
    args = parser.parse_args()
    tokenizer = train_tokenizer(corpus(World(args.data, limit=args.images)), args.vocabulary)
    save_tokenizer(tokenizer, args.out)
    print(f"tokenizer: {tokenizer.get_vocab_size()} tokens -> {args.out}")


if __name__ == "__main__":
    main()
