"""SigLIP-tiny: the start from CLIP-tiny, its text pooling, more planes, and its graphs."""

import numpy as np
import pytest
import torch
from tiny_rose import prompts, siglip, weights

from maskloom_training.bundle import check_graph
from maskloom_training.clip.model import ClipSettings, ClipTiny
from maskloom_training.clip.model import pixels as clip_pixels
from maskloom_training.onnx_tools import export
from maskloom_training.rose.analyzer import Head, fit_head
from maskloom_training.rose.export import exportable_siglip, row_graphs, text_graph, tower_graph
from maskloom_training.siglip.model import pixels
from maskloom_training.siglip.start import start_from_clip

CLIP = ClipSettings(
    width=24, layers=1, heads=2, mlp=32, text_width=24, text_layers=1, text_mlp=32, text_length=12, projection=20,
    vocabulary=90,
)  # fmt: skip


def test_the_stem_starts_as_clip_computes_it_away_from_the_border():
    torch.manual_seed(0)
    clip, tower = ClipTiny(CLIP).eval(), siglip(90)
    start_from_clip(tower, clip)
    image = np.random.default_rng(0).integers(0, 256, (1, 128, 128, 3), dtype=np.uint8)
    theirs = clip.clip.vision_model.embeddings.patch_embedding.layers[0](clip_pixels(image))
    ours = tower.vision.embeddings.patch_embedding.first(pixels(image))
    torch.testing.assert_close(ours[:, :, 1:-1, 1:-1], theirs[:, :, 1:-1, 1:-1], atol=1e-5, rtol=1e-5)


def test_other_widths_are_refused():
    with pytest.raises(ValueError, match="vocabulary"):
        start_from_clip(siglip(91), ClipTiny(CLIP))


def test_padding_does_not_change_a_text():
    tower = siglip(90)
    row = torch.tensor([[5, 6, 7, 3]])
    padded = torch.tensor([[5, 6, 7, 3, 2, 2, 2], [9, 9, 9, 9, 9, 9, 3]])
    with torch.no_grad():
        torch.testing.assert_close(tower.text(padded)[:1], tower.text(row), atol=1e-6, rtol=1e-5)
        mask = torch.tensor([[1, 1, 1, 1]])
        torch.testing.assert_close(tower.text(row, mask), tower.text(row))


def test_a_fourth_plane_starts_without_effect_and_can_learn_one():
    tower = siglip(90)
    image = torch.randn(2, 3, 128, 128)
    with torch.no_grad():
        before = tower(image)[0]
        wide = tower.widened(4)
        after = wide(torch.cat([image, torch.ones(2, 1, 128, 128)], dim=1))[0]
    torch.testing.assert_close(after, before)
    assert wide.settings.planes == 4
    loss = wide(torch.cat([image, torch.ones(2, 1, 128, 128)], dim=1))[0].square().mean()
    loss.backward()
    assert float(wide.vision.embeddings.patch_embedding.first.weight.grad[:, 3].abs().sum()) > 0


def test_a_fitted_head_recovers_a_linear_map_of_the_state():
    torch.manual_seed(0)
    states = torch.randn(600, 16) * torch.logspace(-2, 1, 16)
    wanted = states @ torch.randn(16, 5)
    head = Head(16, 64, 5)
    assert fit_head(head, states, wanted) < 0.01
    left = (head(states).detach() - wanted).pow(2).sum() / (wanted - wanted.mean(0)).pow(2).sum()
    assert float(left) < 0.01


def test_graphs_give_what_pytorch_gives(tmp_path):
    vocabulary = prompts().tokenizer.get_vocab_size()
    twin = exportable_siglip(siglip(vocabulary))
    graphs = {"tower": tower_graph(twin), "text": text_graph(twin)}
    graphs |= row_graphs(weights(vocabulary)) | row_graphs(weights(vocabulary, "stacked-seg/vanilla"))
    assert {"patch-analyzer", "seg-projection", "language-model", "token-embedding"} <= set(graphs)
    for name, graph in graphs.items():
        path = tmp_path / f"{name}.onnx"
        inputs = dict(zip(graph.input_names, graph.inputs, strict=True))
        export(graph.module, inputs, graph.output_names, graph.dynamic, path)
        assert check_graph(graph, path) < 1e-4
