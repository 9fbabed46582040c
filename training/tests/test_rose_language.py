"""Sequences, names and adapters: what is computed together must equal what is computed alone."""

import torch
from tiny_rose import NAMES, onevision, prompts, weights

from maskloom_training.onevision.prompts import INSTRUCTIONS, counting_answer, stacked_answer
from maskloom_training.onevision.sequences import read_batch
from maskloom_training.rose.lora import add_adapters, merged
from maskloom_training.rose.naming import decode_names, naming_logits, region_answer
from maskloom_training.rose.recipes import RECIPES, Lora
from maskloom_training.rose.scores import counts_of
from maskloom_training.rose.system import RoseSystem, Written
from maskloom_training.text.tokenizer import encode

SIZE = (128, 128)


def test_the_decoding_prompt_splits_at_the_placeholder():
    p = prompts()
    before, behind = p.decode
    assert before == [p.id("<s>"), *encode(p.tokenizer, "USER:")]
    assert behind == encode(p.tokenizer, " what is it? ASSISTANT: It is")


def test_answers_in_words():
    assert counting_answer([("star", 2), ("grass", 1)]) == " There are 2 star, 1 grass in this image."
    assert counting_answer([]) == " There is nothing in this image."
    assert stacked_answer(["star", "sky"], 3) == " star [SEG][SEG][SEG], sky [SEG][SEG][SEG]."
    assert counts_of("There are 2 star, 1 grass in this image.") == {"star": 2, "grass": 1}
    assert counts_of("There are x in") == {}


def test_rows_of_different_instructions_get_the_states_they_would_get_alone():
    p = prompts()
    model = onevision(p.tokenizer.get_vocab_size())
    features = torch.randn(3, 256, 24)
    prefixes = [p.prefix(INSTRUCTIONS[k]) for k in ("free", "semantic", "instance")]
    answers = [p.name("sky"), p.answer(stacked_answer(NAMES)), [7]]
    assert len({len(x) for x in prefixes}) > 1
    with torch.no_grad():
        together = read_batch(model, features, prefixes, p.suffix, answers)
        for b in range(3):
            alone = read_batch(model, features[b : b + 1], [prefixes[b]], p.suffix, [answers[b]])
            torch.testing.assert_close(together.patches[b], alone.patches[0], atol=2e-5, rtol=1e-4)
            length = len(answers[b])
            torch.testing.assert_close(together.answers[b, :length], alone.answers[0, :length], atol=2e-5, rtol=1e-4)


def test_patch_states_depend_on_the_instruction():
    p = prompts()
    model = onevision(p.tokenizer.get_vocab_size())
    features = torch.randn(1, 256, 24)
    with torch.no_grad():
        one, two = (
            read_batch(model, features, [p.prefix(INSTRUCTIONS[k])], p.suffix, [[7]]).patches
            for k in ("free", "instance")
        )
    assert float((one - two).abs().max()) > 1e-3


def test_names_decoded_together_are_the_names_decoded_alone():
    p = prompts()
    model = onevision(p.tokenizer.get_vocab_size())
    embeddings = torch.randn(9, 32) * 3
    together = decode_names(model, p, embeddings)
    assert together == [decode_names(model, p, e[None])[0] for e in embeddings]
    assert len(set(together)) > 1
    assert decode_names(model, p, torch.zeros(0, 32)) == []


def test_greedy_names_follow_the_teacher_forced_logits():
    p = prompts()
    model = onevision(p.tokenizer.get_vocab_size())
    embeddings = torch.randn(4, 32) * 3
    said = decode_names(model, p, embeddings, limit=1)
    with torch.no_grad():
        logits, _ = naming_logits(model, p, embeddings, [p.name("sky")[:1] + [p.id("</s>")]] * 4)
    first = logits.view(4, 2, -1)[:, 0].argmax(-1)
    for name, token in zip(said, first.tolist(), strict=True):
        assert name == p.tokenizer.decode([token], skip_special_tokens=False).strip() or name == ""


def test_region_answers_mark_where_embeddings_go():
    p = prompts()
    ids, places = region_answer(p, ["sky", "circle"], 0)
    assert [ids[k] for k in places] == [0, 0]
    assert ids[1:3] == encode(p.tokenizer, " sky,")
    assert ids[-1] == p.id("</s>")


def test_merged_adapters_compute_the_same():
    p = prompts()
    model = onevision(p.tokenizer.get_vocab_size())
    added = add_adapters(model, Lora(rank=4))
    with torch.no_grad():
        for parameter in added:
            parameter.normal_(std=0.2)
    embeds, positions = torch.randn(2, 5, 32), torch.arange(5).expand(2, -1)
    plain = merged(model)
    with torch.no_grad():
        torch.testing.assert_close(plain.read(embeds, None, positions), model.read(embeds, None, positions))
    assert all("lora" not in name for name, _ in plain.named_parameters())


def test_pictures_together_are_pictures_alone():
    p = prompts()
    for recipe in ("rose/patch", "rose/along-region", "stacked-seg/vanilla", "stacked-seg/dense"):
        own = weights(p.tokenizer.get_vocab_size(), recipe)
        system = RoseSystem(own, RECIPES[recipe], p)
        torch.manual_seed(9)
        features, images = torch.randn(3, 256, 24), torch.randn(3, 16, 16, 16)
        sizes = [SIZE, (96, 128), (128, 64)]
        together = system.predict(features, images, sizes)
        for b, found in enumerate(together):
            alone = system.predict(features[b : b + 1], images[b : b + 1], [sizes[b]])[0]
            assert found.names == alone.names and found.cells == alone.cells and found.text == alone.text
            torch.testing.assert_close(found.logits, alone.logits, atol=1e-3, rtol=1e-3)
            assert found.logits.shape[1:] == sizes[b]


def test_targets_of_a_stacked_answer_are_names_with_their_run_of_seg():
    p = prompts()
    ids = encode(p.tokenizer, " circle [SEG][SEG], sky [SEG]")
    seg = [k for k, i in enumerate(ids) if i == p.id("[SEG]")]
    written = Written(ids, [0.9] * len(ids), [(k, torch.full((2,), float(k))) for k in seg])
    names, scores, groups = written.targets(p)
    assert names == ["circle", "sky"]
    assert [len(g) for g in groups] == [2, 1]
    assert scores[0] == 0.9 ** seg[0] and abs(scores[1] - 0.9 ** (seg[2] - seg[1] - 1)) < 1e-12
