"""Which patch answers for which target: hand-worked cases on a 16 x 16 grid of 8-pixel cells."""

import numpy as np
import pytest
from tiny_rose import rectangle

from maskloom_training.rose.assign import ARRANGEMENTS, ROLES, Assignment, assign, role_grid, role_of
from maskloom_training.rose.targets import describe


def cells(owner: np.ndarray, k: int) -> list[tuple[int, int]]:
    """(row, column) of the cells of target k."""
    return [(int(c) // 16, int(c) % 16) for c in np.flatnonzero(owner == k)]


def test_a_small_thing_gets_the_cell_of_its_centre():
    target = rectangle(1, "square", True, (17, 33, 23, 39))
    assert cells(assign([target], 16, 128, Assignment()), 0) == [(4, 2)]


def test_the_centre_region_is_sigma_of_the_box_and_at_most_the_radius():
    target = rectangle(1, "square", True, (0, 0, 128, 128))
    wide = assign([target], 16, 128, Assignment(sigma=1.0, radius=1))
    assert cells(wide, 0) == [(r, c) for r in (7, 8, 9) for c in (7, 8, 9)]
    assert len(cells(assign([target], 16, 128, Assignment(sigma=1.0, radius=3)), 0)) == 49
    assert len(cells(assign([target], 16, 128, Assignment(sigma=0.0)), 0)) == 1


def test_neighbours_must_be_covered():
    half = rectangle(1, "square", True, (64, 0, 68, 128))
    found = cells(assign([half], 16, 128, Assignment(sigma=1.0)), 0)
    assert {c for _, c in found} == {8}
    assert cells(assign([half], 16, 128, Assignment(sigma=1.0, min_cover=0.6)), 0) == [(8, 8)]


def test_a_cell_that_two_targets_ask_for_goes_to_the_nearer_centre():
    large, small = rectangle(1, "sky", False, (0, 0, 128, 128)), rectangle(2, "square", True, (66, 66, 70, 70))
    owner = assign([large, small], 16, 128, Assignment())
    assert cells(owner, 1) == [(8, 8)]
    assert (8, 8) not in cells(owner, 0) and len(cells(owner, 0)) > 0


def test_a_ring_is_found_on_itself_or_in_its_middle():
    y, x = np.mgrid[0:128, 0:128]
    away = np.hypot(x - 60, y - 60)
    ring = describe(1, "circle", 1, True, (away < 26) & (away > 14), 16)
    row, column = cells(assign([ring], 16, 128, Assignment(sigma=0.0)), 0)[0]
    assert ring.mask[round(ring.inside[1]), round(ring.inside[0])]
    assert (row, column) == (int(ring.inside[1] / 8), int(ring.inside[0] / 8))
    assert cells(assign([ring], 16, 128, Assignment(sigma=0.0, centre="mass")), 0) == [(7, 7)]


@pytest.mark.parametrize("side", [2, 3])
def test_a_super_patch_gives_every_role_its_cells(side):
    options = Assignment.of(side)
    roles = role_grid(16, options)
    block = [ROLES[r] for r in roles[:side, :side].reshape(-1)]
    assert tuple(block) == ARRANGEMENTS[side]
    assert (roles[side : 2 * side, :side] == roles[:side, :side]).all()


def test_the_paper_s_counts_of_roles():
    counted = {role: ARRANGEMENTS[3].count(role) for role in ROLES}
    assert counted == {"small": 4, "medium": 3, "large": 1, "stuff": 1}


def test_a_small_thing_gets_the_small_cells_of_its_super_patch():
    options = Assignment.of(3)
    target = rectangle(1, "square", True, (33, 33, 39, 39))
    assert role_of(target, options) == "small"
    assert cells(assign([target], 16, 128, options), 0) == [(3, 3), (3, 5), (5, 3), (5, 5)]


def test_roles_follow_size_and_kind():
    options = Assignment.of(3)
    sizes = [(10, "small"), (24, "medium"), (40, "large")]
    for side, role in sizes:
        assert role_of(rectangle(1, "square", True, (0, 0, side, side)), options) == role
    assert role_of(rectangle(1, "sky", False, (0, 0, 10, 10)), options) == "stuff"


def test_at_the_cut_border_the_nearest_cell_of_the_role_answers():
    options = Assignment.of(3)
    target = rectangle(1, "square", True, (84, 84, 128, 128))
    corner = rectangle(2, "sky", False, (121, 121, 127, 127))
    owner = assign([target, corner], 16, 128, options)
    assert cells(owner, 0) == [(13, 13)]
    assert cells(owner, 1) == [(14, 13)]
