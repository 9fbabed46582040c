"""LMSeg-tiny: dense open-vocabulary semantic segmentation from CLIP, SAM and descriptive text."""
