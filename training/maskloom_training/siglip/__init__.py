"""SigLIP-tiny: the vision tower and the text tower of OneVision-tiny, warm-started from CLIP-tiny."""
