"""OneVision-tiny: LLaVA-OneVision's plan (SigLIP tower, two-layer projector, Qwen2) at toy width."""
