"""One training step over one process or many (Hugging Face Accelerate)."""
