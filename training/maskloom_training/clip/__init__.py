"""CLIP-tiny: the vision tower that LLaVA-tiny reads, trained by dense contrastive learning."""
