"""Which patch answers for which target (ROSE section 3.2 after SOLO; super-patches after section 6.2).

The paper says "the patch that holds the target's centre and its surrounding patches" and gives neither radius nor
sizes; what is chosen here are options of `Assignment`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from .targets import Target

ROLES = ("small", "medium", "large", "stuff")
# The figure that shows the paper's arrangement is a picture; its counts (4 small, 3 medium, 1 large, 1 stuff) are kept.
ARRANGEMENTS = {
    1: (),
    2: ("small", "medium", "large", "stuff"),
    3: ("small", "medium", "small", "medium", "large", "medium", "small", "stuff", "small"),
}


@dataclass(frozen=True)
class Assignment:
    """Options of the assignment.

    side: 1 (no super-patch), 2 or 3. roles: the super-patch's cells, row major. small, medium: upper bounds of
    sqrt(area) / side of the picture. centre: "mass" (SOLO) or "inside" (moved onto the target where it falls off it).
    sigma, radius: SOLO's centre region as a part of the box, and its largest reach in cells. min_cover: how much of
    a neighbouring cell the target must cover.
    """

    side: int = 1
    roles: tuple[str, ...] = ()
    small: float = 0.14
    medium: float = 0.23
    centre: str = "inside"
    sigma: float = 0.4
    radius: int = 1
    min_cover: float = 0.3

    @staticmethod
    def of(side: int, **options) -> Assignment:
        """With the standard arrangement of a super-patch of side x side."""
        return Assignment(side=side, roles=ARRANGEMENTS[side], **options)

    def preset(self) -> dict:
        """The bundle's description of the super-patch."""
        sizes = {"small": [0, self.small], "medium": [self.small, self.medium], "large": [self.medium, None]}
        return {"side": self.side, "roles": list(self.roles), "sizes": sizes}

    def to_dict(self) -> dict:
        return {**asdict(self), "roles": list(self.roles)}


def role_of(target: Target, options: Assignment) -> str:
    """small, medium, large or stuff."""
    if not target.is_thing:
        return "stuff"
    if target.size < options.small:
        return "small"
    return "medium" if target.size < options.medium else "large"


def role_grid(grid: int, options: Assignment) -> np.ndarray:
    """Role index (of ROLES) of every cell [grid, grid]; super-patches start at the top left, the last may be cut."""
    side = options.side
    names = np.array([ROLES.index(r) for r in options.roles]).reshape(side, side)
    times = -(-grid // side)
    return np.tile(names, (times, times))[:grid, :grid]


def assign(targets: list[Target], grid: int, picture: int, options: Assignment) -> np.ndarray:
    """Index of the target that each cell answers for, -1 where none: int64 [grid*grid], row major.

    A cell that several targets ask for goes to the nearest centre, then to the smaller target.
    """
    cell = picture / grid
    owner = np.full(grid * grid, -1, dtype=np.int64)
    best = np.full(grid * grid, np.inf)
    order = sorted(range(len(targets)), key=lambda i: targets[i].size)
    for i in order:
        target = targets[i]
        x, y = target.mass if options.centre == "mass" else target.inside
        cells = (
            _plain(target, x, y, grid, cell, options)
            if options.side == 1
            else _super(target, x, y, grid, cell, options)
        )
        rows, columns = np.divmod(cells, grid)
        away = ((columns + 0.5) * cell - x) ** 2 + ((rows + 0.5) * cell - y) ** 2
        wins = away < best[cells] - 1e-9
        owner[cells[wins]] = i
        best[cells[wins]] = away[wins]
    return owner


def _plain(target: Target, x: float, y: float, grid: int, cell: float, options: Assignment) -> np.ndarray:
    """SOLO's centre region: cells touched by sigma * box about the centre, at most `radius` away, at least one."""
    # Pixel 0 lies at 0.5 of the frame that cells divide.
    x, y, end = x + 0.5, y + 0.5, grid * cell - 0.5
    column, row = min(int(x / cell), grid - 1), min(int(y / cell), grid - 1)
    x0, y0, x1, y1 = target.box
    half_x, half_y = options.sigma * (x1 - x0) / 2, options.sigma * (y1 - y0) / 2
    left, right = int(max(0, x - half_x) / cell), int(min(end, x + half_x) / cell)
    top, bottom = int(max(0, y - half_y) / cell), int(min(end, y + half_y) / cell)
    r = options.radius
    columns = range(max(left, column - r), min(right, column + r) + 1)
    rows = range(max(top, row - r), min(bottom, row + r) + 1)
    centre = row * grid + column
    found = {a * grid + b for a in rows for b in columns if target.cover[a * grid + b] >= options.min_cover}
    return np.array(sorted(found | {centre}))


def _super(target: Target, x: float, y: float, grid: int, cell: float, options: Assignment) -> np.ndarray:
    """Cells of the target's role in the super-patch that holds its centre; where it has none, the nearest such cell."""
    roles = role_grid(grid, options)
    row, column = min(int((y + 0.5) / cell), grid - 1), min(int((x + 0.5) / cell), grid - 1)
    top, left = row // options.side * options.side, column // options.side * options.side
    wanted = roles == ROLES.index(role_of(target, options))
    block = np.zeros_like(wanted)
    block[top : top + options.side, left : left + options.side] = True
    found = np.flatnonzero(wanted & block)
    if len(found):
        return found
    every = np.flatnonzero(wanted)
    rows, columns = np.divmod(every, grid)
    away = ((columns + 0.5) * cell - x) ** 2 + ((rows + 0.5) * cell - y) ** 2
    return every[away.argmin()][None]
