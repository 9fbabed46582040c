"""ROSE: patch-wise perception with names that are written, not chosen from a list (arXiv 2412.00153)."""
