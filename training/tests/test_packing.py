import torch
from tiny_language import PHRASES, llava, prompts

from maskloom_training.llava.generate import answer, read
from maskloom_training.llava.packing import pack


def alone(model, prefix, features, ids):
    """States of one phrase from one plain causal pass over prefix, image and phrase."""
    inputs = torch.cat(
        [model.embed(torch.tensor([prefix])), model.projector(features), model.embed(torch.tensor([ids]))], dim=1
    )
    return model.llama(inputs_embeds=inputs).last_hidden_state[0, -len(ids) :]


def test_packed_phrases_get_the_states_they_would_get_alone():
    p = prompts()
    model = llava(p.tokenizer.get_vocab_size())
    features = torch.randn(2, 16, 24)
    rows = [[p.question(PHRASES[0]), p.question(PHRASES[1])], [p.question(PHRASES[2])]]
    with torch.no_grad():
        images, cache = model.read_image(p.prefix, features)
        packed = pack(rows, len(p.prefix) + 16, model.settings.pad)
        states = model.read_text(packed.ids, packed.positions, packed.mask, cache)
        for b, row in enumerate(rows):
            for at, ids in zip(packed.starts[b], row):
                expected = alone(model, p.prefix, features[b : b + 1], ids)
                torch.testing.assert_close(states[b, at : at + len(ids)], expected, atol=1e-5, rtol=1e-5)


def test_eager_and_fused_attention_agree_on_packed_phrases():
    p = prompts()
    model = llava(p.tokenizer.get_vocab_size())
    features = torch.randn(1, 16, 24)
    rows = [[p.question(PHRASES[0]), p.question(PHRASES[1])]]
    packed = pack(rows, len(p.prefix) + 16, model.settings.pad)
    found = []
    for kind in ("sdpa", "eager"):
        model.language_model.set_attn_implementation(kind)
        with torch.no_grad():
            _, cache = model.read_image(p.prefix, features)
            found.append(model.read_text(packed.ids, packed.positions, packed.mask, cache))
    torch.testing.assert_close(found[0], found[1], atol=1e-5, rtol=1e-5)


def test_cached_batched_generation_equals_full_recomputation():
    p = prompts()
    model = llava(p.tokenizer.get_vocab_size(), seed=3)
    features = torch.randn(1, 16, 24)
    answers = answer(model, p, read(model, p, features), PHRASES, limit=6)
    different = set()
    for text, got in zip(PHRASES, answers):
        new: list[int] = []
        states = []
        with torch.no_grad():
            for _ in range(6):
                state = alone(model, p.prefix, features, p.question(text) + new)[-1]
                token = int(model.logits(state).argmax())
                states.append(state)
                new.append(token)
                if token == model.settings.eos:
                    break
        assert got.ids == new
        different.add(tuple(new))
        seg = p.id("[SEG]")
        expected = [s for s, t in zip(states, new) if t == seg]
        assert len(got.seg) == len(expected)
    assert len(different) > 1, "the answers must differ, or the test shows nothing"


def test_seg_states_are_those_that_emit_the_token():
    p = prompts()
    model = llava(p.tokenizer.get_vocab_size(), seed=4)
    features = torch.randn(1, 16, 24)
    seg = p.id("[SEG]")
    with torch.no_grad():
        state = alone(model, p.prefix, features, p.question(PHRASES[0]))[-1]
        model.language_model.lm_head.weight[seg] = 10 * state
    got = answer(model, p, read(model, p, features), [PHRASES[0]], limit=1)[0]
    assert got.ids == [seg]
    torch.testing.assert_close(got.seg[0], state, atol=1e-5, rtol=1e-5)
