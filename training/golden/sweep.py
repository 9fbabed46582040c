"""Random and adversarial masks and polygons that the TypeScript tests make again from the same seed.

Whole-number arithmetic only, so that both sides draw the same; the other half is
packages/masks/src/mask/sweep.test-helper.ts.
"""

from __future__ import annotations

import numpy as np

WORD = 0xFFFFFFFF


class Draw:
    """mulberry32: a 32-bit generator that fits in a few lines of any language."""

    def __init__(self, seed: int) -> None:
        self.state = seed & WORD

    def u32(self) -> int:
        """A whole number in 0 .. 2^32 - 1."""
        self.state = (self.state + 0x6D2B79F5) & WORD
        t = self.state
        t = ((t ^ (t >> 15)) * (t | 1)) & WORD
        t = (t ^ (t + (((t ^ (t >> 7)) * (t | 61)) & WORD))) & WORD
        return t ^ (t >> 14)

    def below(self, n: int) -> int:
        """A whole number in 0 .. n - 1."""
        return self.u32() % n


def mask(draw: Draw, kind: int) -> np.ndarray:
    """uint8 [height, width] of 0 and 1; `kind` 0..11 is what makes it hard."""
    limit = 200 if kind == 11 else 40
    width, height = 1 + draw.below(limit), 1 + draw.below(limit)
    y, x = np.mgrid[0:height, 0:width]
    pixels = np.zeros((height, width), np.uint8)
    if kind == 1:
        pixels[:] = 1
    elif kind == 2:  # the very first or last pixel
        pixels[(0, 0) if draw.below(2) else (-1, -1)] = 1
    elif kind in (3, 4):  # noise: thin, even
        limit16 = 1 if kind == 3 else 8
        for row in range(height):
            for column in range(width):
                pixels[row, column] = draw.below(16) < limit16
    elif kind == 5:
        pixels[:] = (x + y) % 2
    elif kind == 6:  # rows: a run in every column
        pixels[:] = y % (1 + draw.below(5)) == 0
    elif kind == 7:  # columns: runs that go on into the next column
        pixels[:] = x % (2 + draw.below(4)) < 1 + draw.below(3)
    elif kind in (8, 9, 11):  # rectangles, some taken away again
        for i in range(1 + draw.below(5)):
            x0, y0 = draw.below(width), draw.below(height)
            w, h = 1 + draw.below(width), 1 + draw.below(height)
            pixels[y0 : y0 + h, x0 : x0 + w] = 0 if kind == 9 and i % 2 else 1
    elif kind == 10:  # an ellipse around a point of the grid of half pixels
        cx, cy, rx, ry = draw.below(2 * width), draw.below(2 * height), 1 + draw.below(width), 1 + draw.below(height)
        pixels[:] = (2 * x - cx) ** 2 * ry * ry + (2 * y - cy) ** 2 * rx * rx <= 4 * rx * rx * ry * ry
    return pixels


def polygon(draw: Draw, kind: int) -> tuple[list[float], int, int]:
    """Flat [x1, y1, ...], height, width; `kind` 0..7 is what makes it hard."""
    width, height = 1 + draw.below(60), 1 + draw.below(60)
    parts = (1, 2, 10, 7, 100, 5, 8, 3)[kind]  # coordinates are whole numbers over this
    count = 3 + draw.below(4 if kind < 4 else 20)
    margin = 0 if kind in (0, 3) else 1 + draw.below(40)
    points: list[float] = []
    for i in range(count):
        if i > 0 and kind == 6 and draw.below(3) == 0:  # the point before once more
            points += points[-2:]
            continue
        x = draw.below((width + 2 * margin) * parts + 1) - margin * parts
        y = draw.below((height + 2 * margin) * parts + 1) - margin * parts
        if i > 0 and kind == 5 and draw.below(2) == 0:  # along an axis
            points += [points[-2], y / parts]
        else:
            points += [x / parts, y / parts]
    return points, height, width
