"""LLaMA's tokenizer out of a SentencePiece model: the ids that SentencePiece itself gives."""

import base64
import json
from pathlib import Path

import pytest

from maskloom_training.convert.tokenizer import from_sentencepiece
from tests.lisa_folder import sentencepiece_model
from tests.test_convert_lisa import tokenizer

GOLDEN = json.loads((Path(__file__).parent / "sentencepiece-golden.json").read_text())


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["text"][:12] or "empty")
def test_ids_and_text_are_sentencepieces(case: dict) -> None:
    made = from_sentencepiece(base64.b64decode(GOLDEN["model"]))
    assert made.encode(case["text"], add_special_tokens=False).ids == case["ids"]
    assert made.decode(case["ids"]) == case["decoded"]


def test_added_tokens_take_the_space_around_them_and_each_piece_begins_anew() -> None:
    made = tokenizer()
    seg, start, end = (made.token_to_id(t) for t in ("[SEG]", "<im_start>", "<im_end>"))
    plain = from_sentencepiece(sentencepiece_model())

    def ids(text: str) -> list[int]:
        return plain.encode(text, add_special_tokens=False).ids

    def given(text: str) -> list[int]:
        return made.encode(text, add_special_tokens=False).ids

    assert given("USER: <im_start>") == [*ids("USER:"), start]
    assert given("<im_end>\nWhat is it?") == [end, *ids("What is it?")]
    assert given("It is [SEG].") == [*ids("It is"), seg, *ids(".")]
