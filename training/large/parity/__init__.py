"""Parity with PyTorch at the widths of published checkpoints, with random weights: `scripts/parity-real.mjs`."""
