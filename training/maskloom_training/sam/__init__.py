"""SAM-tiny: a promptable, class-agnostic segmenter on Hugging Face's SAM classes."""
