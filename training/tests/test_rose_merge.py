"""Selection, mask NMS and the semantic merge on cases worked by hand."""

import numpy as np
import torch

from maskloom_training.rose.merge import Choices, mask_nms, select, semantic
from maskloom_training.rose.views import live_cells, siglip_preprocess


def low(*boxes: tuple[int, int, int, int]) -> torch.Tensor:
    """Logits +1 inside and -1 outside of boxes [x0, y0, x1, y1] on 8 x 8."""
    made = torch.full((len(boxes), 8, 8), -1.0)
    for k, (x0, y0, x1, y1) in enumerate(boxes):
        made[k, y0:y1, x0:x1] = 1.0
    return made


def test_candidates_come_by_objectness_and_ties_in_row_major_order():
    logits = torch.tensor([0.0, 3.0, 0.0, 5.0, -9.0, 3.0])
    live = np.array([True, True, True, False, True, True])
    assert select(logits, live, Choices()).tolist() == [1, 5, 0, 2]
    assert select(logits, live, Choices(top=3)).tolist() == [1, 5, 0]
    assert select(logits, live, Choices(min_objectness=0.6)).tolist() == [1, 5]
    assert select(torch.full((6,), -9.0), live, Choices()).tolist() == []


def test_nms_keeps_the_first_of_two_that_overlap_and_drops_empty_masks():
    masks = low((0, 0, 4, 4), (0, 0, 4, 5), (4, 4, 8, 8), (0, 0, 0, 0), (0, 0, 2, 4))
    assert mask_nms(masks, 0.5) == [0, 2, 4]
    assert mask_nms(masks, 0.49) == [0, 2]
    assert mask_nms(torch.zeros(0, 8, 8), 0.5) == []


def test_a_mask_that_was_dropped_drops_nobody():
    masks = low((0, 0, 4, 4), (0, 0, 6, 4), (2, 0, 8, 4))
    assert mask_nms(masks, 0.5) == [0, 2]


def test_the_semantic_map_takes_the_best_of_each_category():
    logits = torch.full((3, 2, 2), -10.0)
    logits[0, 0] = 10.0
    logits[1, :, 0] = 10.0
    logits[2, 1, 1] = 10.0
    label, names = semantic(logits, torch.tensor([0.9, 0.6, 0.05]), ["sky", "star", "sky"], 0.1)
    assert names == ["sky", "star"]
    assert label.tolist() == [[0, 0], [1, -1]]
    label, _ = semantic(logits, torch.tensor([0.9, 0.6, 0.2]), ["sky", "star", "sky"], 0.1)
    assert label[1, 1] == 0
    empty, none = semantic(torch.zeros(0, 2, 2), torch.zeros(0), [], 0.1)
    assert (empty == -1).all() and none == []


def test_a_wide_picture_is_padded_below_and_its_padding_is_not_live():
    picture = np.full((64, 128, 3), 255, np.uint8)
    view = siglip_preprocess(picture, 128)
    assert view.shape == (1, 3, 128, 128)
    assert (view[0, :, :64] == 1.0).all() and (view[0, :, 64:] == 0.0).all()
    live = live_cells(64, 128, 128, 16).reshape(16, 16)
    assert live[:8].all() and not live[8:].any()
    assert live_cells(128, 128, 128, 16).all()
