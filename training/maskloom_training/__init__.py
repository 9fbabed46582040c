"""Maskloom's training kit: tiny SAM, CLIP and LLaVA models, the systems built on them, and their export to ONNX."""

__version__ = "0.1.0"
