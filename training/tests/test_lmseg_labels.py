"""LMSeg's texts, label systems, views and figures."""

import numpy as np
import pytest
import torch
from tiny_lmseg import WORLD, encoders, scene_rows, tokenizer

from maskloom_training.lmseg.dense_clip import ClipText
from maskloom_training.lmseg.describe import VARIANTS, describe, descriptions
from maskloom_training.lmseg.label_systems import LabelSystems
from maskloom_training.lmseg.scores import IGNORED, Counts, Vocabulary, overlap
from maskloom_training.lmseg.sentences import SentenceEncoder
from maskloom_training.lmseg.settings import LmsegSettings
from maskloom_training.lmseg.step_features import StepFeatures
from maskloom_training.lmseg.tables import BASE, TABLES, difference, table
from maskloom_training.lmseg.truth import held_out_names
from maskloom_training.lmseg.views import Sliding, sliding_scores, whole_scores
from maskloom_training.text.tokenizer import decode


def test_the_describers_sentences():
    assert describe("ostrix", "template", WORLD) == ["a photo of an ostrix in the scene"]
    assert describe("toma", "all", WORLD) == ["striped green square called toma", "striped green square"]
    assert describe("toma", "colour", WORLD) == ["green thing called toma", "green"]
    assert describe("toma", "shape-size", WORLD) == ["square called toma", "square"]
    assert describe("sky", "all", WORLD) == ["smooth pale blue sky all over the ground", "sky"]
    assert describe("star", "texture-material", WORLD) == ["star, plain, striped or dotted", "star"]
    assert describe("submarine", "all", WORLD) == ["a photo of a submarine in the scene"]
    with pytest.raises(ValueError, match="smell.*texture-material"):
        describe("star", "smell", WORLD)


def test_stored_descriptions_hold_every_class_and_variant():
    stored = descriptions(WORLD)["classes"]
    assert len(stored) == 4 + 4 + 6
    assert all(stored[label][v] == describe(label, v, WORLD) for label in stored for v in VARIANTS)


def test_long_texts_are_split_and_nothing_is_lost():
    words = tokenizer()
    encoder = SentenceEncoder(words, 20)
    text = "A plain red circle, a striped green square, a photo of a star in the scene. Pale Blue sky; " + "x" * 70
    rows = encoder.pieces(text)
    assert len(rows) > 4 and all(len(row) <= 20 and row[-1] == encoder.eos for row in rows)
    said = "".join(decode(words, row[:-1]) for row in rows)
    kept = str.maketrans("", "", " .,;")
    assert said.translate(kept) == text.lower().translate(kept)
    assert len(encoder.pieces("The  plain\tred circle.")) == 1
    assert encoder.pieces("The plain red circle.") == encoder.pieces("the plain red circle")
    assert encoder.pieces("...") == []


def test_a_class_is_the_mean_of_its_sentences():
    clip, _ = encoders()
    encoder, tower = SentenceEncoder(tokenizer(), 20), ClipText(clip)
    found = encoder.embed(tower, [["red circle", "blue sky"], ["green square"]]).detach()
    alone = encoder.embed(tower, [["red circle"], ["blue sky"], ["green square"]]).detach()
    mean = torch.nn.functional.normalize(alone[0] + alone[1], dim=-1)
    assert (found[0] - mean).abs().max() < 1e-5 and (found[1] - alone[2]).abs().max() < 1e-5
    with pytest.raises(ValueError, match="Class 1"):
        encoder.embed(tower, [["red"], [" . "]])


def test_held_out_classes_never_occur_in_training():
    truth = scene_rows()
    unseen = held_out_names([c.name for c in truth.invented], share=1 / 3)
    assert len(unseen) == 2 and unseen == held_out_names([c.name for c in truth.invented], share=1 / 3)
    systems = LabelSystems(truth, unseen, 10)
    hidden = [c for c in truth.invented if c.name in unseen]
    drawn = set()
    for step in range(400):
        rng = np.random.default_rng(step)
        images = rng.choice(12, 3, replace=False)
        labels = systems.draw(images, rng)
        drawn.add(labels.system)
        assert len(labels.rows) == len(labels.texts) <= 10 and len(set(labels.rows)) == len(labels.rows)
        said = " | ".join(t for texts in labels.texts for t in texts)
        for c in hidden:
            assert c.name not in said and f"{c.texture} {c.colour} {c.shape}" not in said
        if labels.system == "listed":
            continue
        for i in images:
            positive, counted = systems.targets(i, labels)
            for c in hidden:
                assert not counted[truth.positives(i, [truth.invented_row(c)])[0]].any()
            if labels.system == "invented":
                assert positive.sum(axis=0).max() <= 1
    assert drawn == {"listed", "invented", "phrases"}


def test_listed_targets_cover_every_segment_once():
    truth = scene_rows()
    systems = LabelSystems(truth, [], 10)
    labels = next(found for s in range(50) if (found := _draw(systems, s)).system == "listed")
    for i in range(12):
        positive, counted = systems.targets(i, labels)
        assert (positive.sum(axis=0) == counted).all() and counted.sum() >= 5


def _draw(systems: LabelSystems, seed: int):
    return systems.draw(np.arange(3), np.random.default_rng(seed))


class Average:
    """Stands in for a model: class 0 the view's mean red, class 1 zero, as 4 x 4 logits."""

    def __call__(self, clip_pixels, sam_pixels, text):
        one = clip_pixels[:, :1].mean(dim=(2, 3), keepdim=True).expand(-1, 1, 4, 4)
        return torch.cat([one, torch.zeros_like(one)], dim=1)


@pytest.mark.parametrize("how", [Sliding(16, 0.333, 27), Sliding(16, 0.5, 45), Sliding(16, 0.0, 16)])
def test_a_constant_image_stitches_to_a_constant(how):
    image = np.full((20, 33, 3), 90, np.uint8)
    found = sliding_scores(Average(), image, torch.zeros(2, 1), how)
    assert found.shape == (2, 20, 33)
    assert (found - found[:, :1, :1]).abs().max() < 1e-6
    assert (found[:, 0, 0] - whole_scores(Average(), image, torch.zeros(2, 1), 16)[:, 0, 0]).abs().max() < 1e-6


def test_windows_are_cat_segs():
    assert (Sliding(384, 0.333, 640).stride, Sliding(384, 0.333, 640).starts) == (256, [0, 256])
    assert (Sliding().stride, Sliding().starts) == (85, [0, 85])
    assert Sliding(16, 0.5, 45).starts == [0, 8, 16, 24, 29]


def test_figures_by_hand():
    truth = np.array([[0, 0, 1], [1, IGNORED, 2]])
    found = np.array([[0, 1, 1], [1, 0, 0]])
    both, either = overlap(found, truth, 4)
    assert both.tolist() == [1, 2, 0, 0] and either.tolist() == [3, 3, 1, 0]
    counts = Counts(np.stack([both, both]), np.stack([either, either]))
    assert counts.mean_iou([0, 1, 2, 3]) == pytest.approx((1 / 3 + 2 / 3 + 0) / 3)
    low, high = counts.figure([0, 1])["interval"]
    assert low == pytest.approx(0.5) and high == pytest.approx(0.5)
    mixed = Counts(np.array([[4], [0]] * 20), np.array([[4], [4]] * 20))
    low, high = mixed.figure([0])["interval"]
    assert 0.3 < low < 0.45 and 0.55 < high < 0.7


def test_vocabularies_name_every_segment():
    truth = scene_rows()
    listed, invented = Vocabulary.listed(truth), Vocabulary.invented(truth)
    present = np.stack([truth.present(i) for i in range(12)])
    assert ((listed.table != IGNORED) == present).all()
    assert ((invented.table != IGNORED) <= present).all() and (invented.table != IGNORED).sum() < present.sum()


def test_a_steps_features_are_computed_once_for_equal_steps(tmp_path):
    config = {"seed": 1, "batch": 4, "model": LmsegSettings().to_dict()}
    made = []

    def compute():
        made.append(torch.randn(2, 3).bfloat16())
        return (made[-1],)

    first = StepFeatures(tmp_path, config).get(7, compute)[0]
    other_fusion = {**config, "model": LmsegSettings(fusion="sum").to_dict(), "lr": 1.0}
    assert torch.equal(StepFeatures(tmp_path, other_fusion).get(7, compute)[0], first) and len(made) == 1
    StepFeatures(tmp_path, config).get(8, compute)
    StepFeatures(tmp_path, {**config, "seed": 2}).get(7, compute)
    StepFeatures(tmp_path, {**config, "model": LmsegSettings(last_block="full").to_dict()}).get(7, compute)
    assert len(made) == 4


def test_tables_show_what_was_measured():
    rng = np.random.default_rng(0)
    one = Counts(rng.integers(0, 50, (30, 3)), np.full((30, 3), 60))
    better = Counts(one.both + 6, one.either)
    assert difference(one, one, [0, 1]) == "+0.0 [0.0, 0.0]"
    assert difference(better, one, [0, 1, 2]) == "+10.0 [10.0, 10.0]"
    figure = {"value": 0.5, "interval": [0.4, 0.6], "n": 30}
    rows = {row: {"figures": {f"{f} all": figure for f in ("listed", "seen", "unseen")}} for row in (BASE, "lmseg/x")}
    lines = table(rows, TABLES["fusion"], None, {}).splitlines()
    assert len(lines) == 3 and "`lmseg/tune-frozen` | 50.0 [40.0, 60.0]" in lines[2]
