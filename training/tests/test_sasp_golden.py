"""The kit's Similarity as Points against the golden file that the TypeScript port is tested with."""

import json
from pathlib import Path

import pytest
import torch

from maskloom_training.segment.sasp import SaspSettings, similarity_as_points

GOLDEN = json.loads(
    (Path(__file__).resolve().parents[2] / "packages/plugins/read/fixtures/sasp-golden.json").read_text()
)
TOLERANCE_PX = 5e-4
"""The kit works in float32 throughout; the golden values are summed in float64 over whole images."""


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["name"])
def test_points_agree_with_the_golden_file(case: dict) -> None:
    """Labels and order are equal; coordinates agree within the tolerance."""
    settings = SaspSettings(
        down_sample=case["downSample"],
        positive=case.get("positive", 0.8),
        negative=case.get("negative", 0.2),
        count=case["count"],
        mode=case["mode"],
        sigma=case.get("epsilon", 0.5),
        geometry=case["geometry"],
        interpolation=case["distance"] or "none",
        radius=case["radius"],
    )
    scores = torch.tensor(GOLDEN["maps"][case["map"]])[None]
    points = similarity_as_points(scores, case["height"], case["width"], settings, crop=case["side"])
    assert points.labels[0].tolist() == case["labels"]
    expected = torch.tensor(case["xy"], dtype=torch.float64).view(-1, 2)
    assert (points.xy[0].double() - expected).abs().max() < TOLERANCE_PX
