import numpy as np
from tiny_language import PHRASES, prompts, tokenizer

from maskloom_training.evaluate import Tally
from maskloom_training.llava.evaluate import partner
from maskloom_training.llava.queries import QueryEncoder
from maskloom_training.segment.scores import Score
from maskloom_training.text.phrases import Query, heads_of, parse
from maskloom_training.text.prompts import ACCEPT
from maskloom_training.text.scenes import ANY, NONE, Vocabulary
from maskloom_training.text.tokenizer import SPECIAL_TOKENS, decode, encode

WORDS = Vocabulary(("small", "large"), ("plain", "dotted"), ("red", "blue"), ("star", "ring"), ("water", "sky"))


def test_special_tokens_have_fixed_ids_and_text_survives():
    t = tokenizer()
    assert [t.token_to_id(s) for s in SPECIAL_TOKENS] == list(range(7))
    for text in (*PHRASES, "Ünknown wörds, 3,141 of them!", "a  b"):
        assert decode(t, encode(t, text)) == text


def test_a_prompt_is_prefix_image_question():
    p = prompts()
    assert p.prefix[0] == p.id("<s>") and p.prefix[-1] == p.id("<im_start>")
    assert p.question(" The Red Star ") == p.question("the red star")
    assert p.question("the red star")[0] == p.id("<im_end>")


def test_phrases_are_parsed_into_descriptions():
    assert parse(WORDS, "the large red star") == (1, ANY, 0, 0, NONE)
    assert parse(WORDS, "the water") == (NONE, NONE, NONE, NONE, 0)
    assert parse(WORDS, "the thing that could roll") is None
    heads = heads_of(WORDS, "the star left of the blue ring", 42)
    assert heads == ((2, (ANY, ANY, ANY, 0, NONE), None), (7, None, 42))


def test_encoded_positions_are_those_of_the_words():
    p = prompts()
    e = QueryEncoder(p)
    text = "the star above the blue ring"
    query = Query(0, "relation", text, ACCEPT, (7,), True, heads_of(WORDS, text, 42))
    found = e(query)
    said = [p.tokenizer.id_to_token(i) for i in found.ids]
    assert decode(p.tokenizer, found.ids[1 : found.heads_at[0] + 1]) == " the star"
    assert decode(p.tokenizer, found.ids[1 : found.heads_at[1] + 1]) == " the star above the blue ring"
    assert said[found.answer_at] == ":"
    (at,) = found.seg_at
    assert (found.ids + [found.answer[-1]])[at + 1] == p.id("[SEG]")


def test_swap_partner_is_the_next_with_another_target():
    assert [partner(["a", "a", "b"], j) for j in range(3)] == [2, 2, 0]
    assert partner(["a", "a"], 0) is None


def test_scores():
    a = np.zeros((2, 2, 2), bool)
    b = a.copy()
    a[0, 0], b[0, :, 0] = True, True
    score = Score.of(a, b)
    assert score.intersection.tolist() == [1, 0] and score.union.tolist() == [3, 0]
    assert score.iou.tolist() == [1 / 3, 1.0]
    assert score.cumulative_iou == 1 / 3


def test_intervals_resample_pictures():
    tally = Tally.empty()
    for image in range(40):
        for _ in range(5):
            tally.add(image, float(image % 2), 1.0)
    low, high = tally.interval()
    # 40 pictures of five equal queries each: as wide as 40 draws, not as 200.
    assert 0.2 < high - low < 0.4 and low < 0.5 < high
