"""Conversation templates of LLaVA's descendants: the text around the image and the question."""

from __future__ import annotations

from .tensors import CheckpointError

_V1 = (
    "A chat between a curious {who} and an artificial intelligence assistant. "
    "The assistant gives helpful, detailed, and polite answers to the {who}'s questions. "
    "USER: {{image}}\n{{text}} ASSISTANT:"
)
_LLAMA_2 = (
    "[INST] <<SYS>>\nYou are a helpful language and vision assistant. You are able to understand the visual content "
    "that the user provides, and assist the user with a variety of tasks using natural language.\n<</SYS>>\n\n"
    "{image}\n{text} [/INST]"
)
TEMPLATES = {
    "llava_v1": _V1.format(who="human"),
    "vicuna_v1": _V1.format(who="user"),
    "llava_llama_2": _LLAMA_2,
}
"""By LLaVA's names. `{image}` stands where the image tokens go, `{text}` where the question does."""

CHAT_LLAVA = "USER: {image}\n{text} ASSISTANT:"
CHAT_ONEVISION = "<|im_start|>user {image}\n{text}<|im_end|><|im_start|>assistant\n"
"""What Hugging Face's LLaVA-1.5 and LLaVA-OneVision are asked in, for folders without a chat template."""

PHRASE = "What is {text} in this image? Please output segmentation mask."
SENTENCE = "{text} Please output segmentation mask."
"""How LISA, SESAME and READ are asked in their evaluations about a phrase, and with a sentence."""


def questions(lowercase: bool) -> dict:
    """The preset's questions: by task, and by the names `short` and `long`. `lowercase`: of phrases."""
    phrase = {"text": PHRASE, "lowercase": lowercase}
    sentence = {"text": SENTENCE, "lowercase": False}
    return {"referring": phrase, "reasoning": sentence, "short": phrase, "long": sentence}


def gsva_questions() -> dict:
    """GSVA's: phrases in one list, joined by commas (no blank stands behind it: so it was trained), or a sentence."""
    phrases = {"text": " What are {text}in this image? Please output segmentation masks.", "lowercase": False}
    sentence = {"text": f" {SENTENCE}", "lowercase": False}
    return {"referring": phrases, "reasoning": sentence, "short": phrases, "long": sentence}


def prompt(template: str, between: tuple[str, str] = ("", "")) -> str:
    """A template with the tokens that stand on both sides of the image. Raises CheckpointError for an unknown name."""
    if template not in TEMPLATES:
        raise CheckpointError(f"There is no template {template!r}; known: {', '.join(TEMPLATES)}.")
    return TEMPLATES[template].replace("{image}", f"{between[0]}{{image}}{between[1]}")
