"""Average precision with weights against COCOeval, and the sheet on a prediction that is the truth."""

import contextlib
import io

import numpy as np
import pytest
import torch
from tiny_rose import NAMES, rectangle

from maskloom_training.rose.quick import match
from maskloom_training.rose.scores import AveragePrecision, Sheet
from maskloom_training.rose.system import Prediction
from maskloom_training.rose.tables import table


def boxes(rng: np.random.Generator, count: int) -> list[np.ndarray]:
    found = []
    for _ in range(count):
        mask = np.zeros((64, 64), bool)
        x, y, w, h = rng.integers(0, 40), rng.integers(0, 40), rng.integers(8, 24), rng.integers(8, 24)
        mask[y : y + h, x : x + w] = True
        found.append(mask)
    return found


def scene(rng: np.random.Generator):
    truth = [(int(rng.integers(1, 4)), m) for m in boxes(rng, int(rng.integers(1, 5)))]
    found = [(c, float(rng.random()), np.roll(m, int(rng.integers(0, 5)), 1)) for c, m in truth if rng.random() < 0.8]
    found += [(int(rng.integers(1, 4)), float(rng.random()), m) for m in boxes(rng, 2)]
    return truth, found


def test_average_precision_is_cocoeval_s():
    rng = np.random.default_rng(4)
    scenes = [scene(rng) for _ in range(25)]
    ap = AveragePrecision([t for t, _ in scenes], [f for _, f in scenes])
    with contextlib.redirect_stdout(io.StringIO()):
        ap.evaluation.accumulate()
    precision = ap.evaluation.eval["precision"][:, :, :, 0, -1]
    expected = precision.mean(axis=(1, 2))
    np.testing.assert_allclose(ap.value(np.ones(25)), expected, atol=1e-9)


def test_a_picture_counted_twice_is_a_picture_written_twice():
    rng = np.random.default_rng(5)
    scenes = [scene(rng) for _ in range(6)]
    doubled = scenes + [scenes[2]]
    counts = np.ones(6)
    counts[2] = 2
    one = AveragePrecision([t for t, _ in scenes], [f for _, f in scenes]).value(counts)
    two = AveragePrecision([t for t, _ in doubled], [f for _, f in doubled]).value(np.ones(7))
    np.testing.assert_allclose(one, two, atol=1e-9)


def perfect(targets) -> Prediction:
    logits = torch.from_numpy(np.stack([t.mask for t in targets])).float() * 20 - 10
    names = [t.name for t in targets]
    counted = ", ".join(f"{names.count(n)} {n}" for n in dict.fromkeys(names))
    text = f"There are {counted} in this image."
    return Prediction(
        names, torch.full((len(targets),), 0.9), [0] * len(targets), logits, logits, text, [], torch.zeros(0)
    )


def test_the_truth_scores_one_and_another_picture_does_not():
    one = [rectangle(1, "circle", True, (8, 8, 40, 40)), rectangle(11, "sky", False, (0, 64, 128, 128))]
    two = [rectangle(2, "square", True, (60, 8, 100, 40)), rectangle(12, "water", False, (0, 64, 128, 128))]
    sheet = Sheet({n: (i + 1, i < 2) for i, n in enumerate(NAMES)}, 0.1)
    void = np.zeros((128, 128), bool)
    sheet.add(perfect(one), one, void, perfect(two))
    sheet.add(perfect(two), two, void, perfect(one))
    figures = sheet.figures()
    for key in ("AP", "AP50", "AP50 without names", "exact name", "recall", "names F1", "count"):
        assert figures[key]["value"] == pytest.approx(1.0), key
    assert figures["mIoU"]["value"] == pytest.approx(1.0)
    assert figures["names F1 swapped"]["value"] == 0.0
    assert figures["mIoU swapped"]["value"] == 0.0
    assert [(i, j) for i, j, _ in match(perfect(one), one)] == [(0, 0), (1, 1)]


def test_an_untrained_row_is_marked_and_not_compared():
    figures = {"mIoU": {"value": 0.5, "interval": [0.4, 0.6]}, "names F1": {"value": 0.3, "interval": [0.2, 0.4]}}
    row = {**figures, "untrained": True, "steps": 1, "seed": 1}
    text = table("4", {"rose/patch": row, "rose/super-2x2": {**row, "untrained": False}})
    lines = text.splitlines()
    assert "untrained" in lines[4] and "50.0" not in lines[4] and "30.0 [20.0, 40.0]" in lines[4]
    assert "50.0 [40.0, 60.0]" in lines[5] and "43.0 / 29.8" in lines[5]
