import math

import pytest
import torch

from maskloom_training.segment.sasp import READ_7B, SaspSettings, compat_padding, similarity_as_points


def grid(values) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float32).reshape(1, -1)


def test_positives_descend_negatives_ascend_neutrals_in_raster_order():
    scores = grid([[0.0, 1.0, 0.5, 0.9], [0.1, 0.6, 0.05, 0.85], [0.5] * 4, [0.5] * 4])
    points = similarity_as_points(scores, 128, 128, SaspSettings(1, 0.8, 0.2, 8))
    assert points.labels[0].tolist() == [1, 1, 1, 0, 0, 0, -1, -1]
    cells = [(x // 32, y // 32) for x, y in points.xy[0].tolist()]
    assert cells == [(1, 0), (3, 0), (3, 1), (0, 0), (2, 1), (0, 1), (2, 0), (1, 1)]


def test_ties_keep_the_lower_index():
    scores = grid([[1.0, 0.0, 1.0, 0.0], [0.5] * 4, [1.0, 0.5, 0.5, 0.0], [0.5] * 4])
    points = similarity_as_points(scores, 4, 4, SaspSettings(1, 0.8, 0.2, 6), crop=4)
    assert [(int(x), int(y)) for x, y in points.xy[0].tolist()] == [(0, 0), (2, 0), (0, 2), (1, 0), (3, 0), (3, 2)]


def test_a_flat_map_gives_neutral_points_in_raster_order():
    points = similarity_as_points(torch.full((1, 16), 3.0), 64, 64, SaspSettings(1, 0.8, 0.2, 3, interpolation="l2"))
    assert points.labels[0].tolist() == [-1, -1, -1]
    assert torch.isfinite(points.xy).all()
    plain = similarity_as_points(torch.full((1, 16), 3.0), 64, 64, SaspSettings(1, 0.8, 0.2, 3))
    assert plain.xy[0].tolist() == [[8.0, 8.0], [24.0, 8.0], [40.0, 8.0]]


def test_pooling_comes_before_scaling_and_equals_the_mean_of_two_by_two():
    scores = torch.zeros(1, 16)
    scores[0, :2] = torch.tensor([4.0, 2.0])
    points = similarity_as_points(scores, 64, 64, SaspSettings(2, 0.99, 0.01, 4))
    assert points.labels[0].tolist() == [1, 0, 0, 0]
    assert points.xy[0, 0].tolist() == [16.0, 16.0]


def test_mean_sigma_uses_the_population_deviation():
    values = torch.tensor([[0.0, 1.0, 0.25, 0.75]])
    mean, deviation = 0.5, math.sqrt((0.25 + 0.25 + 0.0625 + 0.0625) / 4)
    points = similarity_as_points(values, 2, 2, SaspSettings(1, count=4, mode="meanSigma"), crop=2)
    expected = [1 if v >= mean + deviation / 2 else 0 if v <= mean - deviation / 2 else -1 for v in (1, 0.75, 0, 0.25)]
    assert points.labels[0].tolist() == expected


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [
        (480, 640, (12, 16, 0, 2)),
        (427, 640, (12, 17, 0, 2)),
        (640, 480, (16, 12, 2, 0)),
        (480, 480, (12, 12, 0, 0)),
        (365, 500, (11, 16, -1, 2)),
    ],
)
def test_compat_padding_floors_as_the_released_code(height, width, expected):
    assert compat_padding(12, height, width) == expected


def test_compat_padding_can_crop_at_336():
    assert compat_padding(336, 333, 500)[2] == -1


def test_compat_geometry_on_a_427_by_640_picture():
    scores = torch.zeros(1, 24 * 24)
    scores[0, :2], scores[0, 24:26] = 1, 1
    points = similarity_as_points(scores, 427, 640, SaspSettings(2, 0.8, 0.2, 1, geometry="compat"), crop=336)
    # 12 x 16 cells of 40 x 35.58 pixels; the first visible column is 2.
    assert points.xy[0, 0].tolist() == [100.0, 17.0]


def test_exact_geometry_undoes_resize_and_crop():
    scores = torch.zeros(1, 16 * 16)
    scores[0, 0] = 1
    for height, width in ((480, 640), (427, 640), (500, 333), (640, 480)):
        x, y = similarity_as_points(scores, height, width, SaspSettings(1, 0.8, 0.2, 1)).xy[0, 0].tolist()
        short = min(height, width)
        # Within one pixel of the model's input: the crop's offset is a whole number of its pixels.
        assert abs(x - ((width - short) / 2 + short / 32)) < 1.5 * short / 128
        assert abs(y - ((height - short) / 2 + short / 32)) < 1.5 * short / 128


def test_interpolation_moves_points_by_hundredths_inside_and_is_differentiable():
    torch.manual_seed(0)
    scores = torch.randn(2, 256, requires_grad=True)
    still = similarity_as_points(scores, 480, 640, SaspSettings(1, count=20))
    moved = similarity_as_points(scores, 480, 640, SaspSettings(1, count=20, interpolation="squared"))
    assert torch.equal(still.labels, moved.labels)
    assert (still.xy - moved.xy).abs().max() < 0.1
    moved.xy.sum().backward()
    assert scores.grad.abs().sum() > 0


def test_windowed_interpolation_equals_the_sum_over_the_whole_picture():
    torch.manual_seed(1)
    scores = torch.randn(1, 256)
    wide = SaspSettings(1, count=5, interpolation="squared", radius=40)
    narrow = SaspSettings(1, count=5, interpolation="squared")
    a = similarity_as_points(scores, 32, 48, wide).xy
    b = similarity_as_points(scores, 32, 48, narrow).xy
    torch.testing.assert_close(a, b, atol=1e-5, rtol=0)


@pytest.mark.parametrize("size", [(480, 640), (427, 640), (500, 333), (365, 500), (96, 160), (128, 128)])
@pytest.mark.parametrize("settings", [READ_7B, SaspSettings(1, count=60, mode="meanSigma", interpolation="l2")])
def test_points_lie_in_the_picture(size, settings):
    torch.manual_seed(2)
    points = similarity_as_points(torch.randn(3, 256), *size, settings)
    height, width = size
    assert points.xy.shape == (3, settings.count, 2)
    assert (points.xy >= 0).all() and (points.xy[..., 0] <= width - 1).all() and (points.xy[..., 1] <= height - 1).all()


def test_unknown_modes_are_refused():
    with pytest.raises(ValueError, match="meanSigma"):
        SaspSettings(mode="median")
