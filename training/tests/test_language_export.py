import numpy as np
import torch
from tiny_language import llava

from maskloom_training.clip.model import ClipSettings, ClipTiny
from maskloom_training.llava.export import (
    clip_graph,
    embedding_graph,
    language_graph,
    projector_graph,
    seg_graph,
)
from maskloom_training.onnx_tools import export, largest_difference, open_session, round_to_half, run
from maskloom_training.segment.lora import add_adapters, merged
from maskloom_training.segment.projection import SegProjection


def check(graph, path) -> float:
    graph.module.eval()
    inputs = dict(zip(graph.input_names, graph.inputs))
    export(graph.module, inputs, graph.output_names, graph.dynamic, path)
    return largest_difference(graph.module, open_session(path), inputs)


def test_small_graphs_agree_with_onnx_runtime(tmp_path):
    model = round_to_half(llava(300)).requires_grad_(False)
    for name, graph in (
        ("projector", projector_graph(model)),
        ("embedding", embedding_graph(model)),
        ("seg", seg_graph(round_to_half(SegProjection(32, 16)), 32)),
    ):
        assert check(graph, tmp_path / f"{name}.onnx") < 1e-4


def test_the_tower_agrees_with_onnx_runtime(tmp_path):
    torch.manual_seed(0)
    clip = ClipTiny(ClipSettings(image_size=32, width=64, layers=1, text_layers=1, vocabulary=300))
    clip.clip.set_attn_implementation("eager")
    assert check(clip_graph(round_to_half(clip)), tmp_path / "clip.onnx") < 1e-4


def test_the_language_model_decodes_with_its_cache_as_in_one_pass(tmp_path):
    model = round_to_half(llava(300)).requires_grad_(False)
    model.language_model.set_attn_implementation("eager")
    graph = language_graph(model)
    assert check(graph, tmp_path / "lm.onnx") < 1e-4
    session = open_session(tmp_path / "lm.onnx")
    inputs = torch.randn(1, 7, 32)
    with torch.no_grad():
        hidden = model.llama(inputs_embeds=inputs).last_hidden_state
    past = [torch.zeros(1, 2, 0, 16) for _ in range(4)]
    for start, stop in ((0, 4), (4, 5), (5, 7)):
        feed = {
            "inputs_embeds": inputs[:, start:stop],
            "attention_mask": torch.ones(1, stop, dtype=torch.long),
            "position_ids": torch.arange(start, stop)[None],
            "logits_at": torch.arange(stop - start),
            **dict(zip(graph.input_names[4:], past)),
        }
        logits, states, *present = run(session, feed)
        torch.testing.assert_close(torch.from_numpy(states), hidden[:, start:stop], atol=1e-4, rtol=0)
        torch.testing.assert_close(torch.from_numpy(logits), model.logits(hidden[:, start:stop]), atol=1e-3, rtol=1e-4)
        past = [torch.from_numpy(p) for p in present]
    assert past[0].shape == (1, 2, 7, 16)


def test_logits_are_those_of_the_positions_asked_for(tmp_path):
    model = round_to_half(llava(300)).requires_grad_(False)
    model.language_model.set_attn_implementation("eager")
    graph = language_graph(model)
    assert check(graph, tmp_path / "lm.onnx") < 1e-4
    session = open_session(tmp_path / "lm.onnx")
    past = dict(zip(graph.input_names[4:], [torch.zeros(2, 2, 0, 16) for _ in range(4)]))
    feed = {
        "inputs_embeds": torch.randn(2, 5, 32),
        "attention_mask": torch.ones(2, 5, dtype=torch.long),
        "position_ids": torch.arange(5).expand(2, -1).contiguous(),
    }
    all_logits, states, *_ = run(session, feed | {"logits_at": torch.arange(5)} | past)
    for places in ([4], [3, 0], []):
        some, same, *_ = run(session, feed | {"logits_at": torch.tensor(places, dtype=torch.long)} | past)
        assert np.allclose(some, all_logits[:, places], atol=1e-5)
        assert np.array_equal(same, states)


def test_padding_that_the_attention_mask_hides_changes_nothing(tmp_path):
    model = round_to_half(llava(300)).requires_grad_(False)
    model.language_model.set_attn_implementation("eager")
    graph = language_graph(model)
    inputs, past = torch.randn(1, 4, 32), [torch.zeros(1, 2, 0, 16) for _ in range(4)]
    last = torch.tensor([-1])
    plain = graph.module(inputs, torch.ones(1, 4, dtype=torch.long), torch.arange(4)[None], last, *past)[1]
    padded = torch.cat([torch.randn(1, 2, 32), inputs], dim=1)
    mask = torch.tensor([[0, 0, 1, 1, 1, 1]])
    hidden = graph.module(padded, mask, torch.tensor([[0, 0, 0, 1, 2, 3]]), last, *past)[1]
    torch.testing.assert_close(hidden[:, 2:], plain, atol=1e-5, rtol=1e-5)


def test_merged_adapters_compute_the_same():
    model = llava(300)
    add_adapters(model, {"r": 4, "alpha": 8})
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.2)
    inputs = torch.randn(1, 5, 32)
    plain = merged(model)
    with torch.no_grad():
        adapted = model.llama(inputs_embeds=inputs).last_hidden_state
        got = plain.llama(inputs_embeds=inputs).last_hidden_state
    torch.testing.assert_close(got, adapted, atol=1e-5, rtol=1e-4)
    assert not any("lora" in name for name, _ in plain.named_parameters())


def test_only_adapters_get_gradients():
    model = llava(300).requires_grad_(False)
    adapters = add_adapters(model, {"r": 4, "alpha": 8})
    assert {id(p) for p in model.parameters() if p.requires_grad} == {id(p) for p in adapters}
    assert len(adapters) == 2 * 2 * 2
