"""The <SEG> systems: Similarity as Points, fine-tuning recipes and the whole pipeline."""
