"""Text: the kit's tokenizer and the prompts that the language model reads."""
