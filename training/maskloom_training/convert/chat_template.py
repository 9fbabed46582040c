"""The prompt around image and question, made by a checkpoint's own chat template."""

from __future__ import annotations

from transformers.utils.chat_template_utils import render_jinja_template

from .source import Source
from .tensors import CheckpointError

QUESTION = "QUESTION-HERE"
IMAGE = "<image>"


def chat_prompt(source: Source, default: str, begin: str | None) -> str:
    """A template with `{image}` and `{text}` once each; `default` when the folder has none.

    begin: the token that starts every text, which is left to the tokenizer. Raises CheckpointError when the folder's
    template cannot ask about one image, or asks before it.
    """
    template = _own(source)
    if template is None:
        return default
    turn = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": QUESTION}]}
    try:
        rendered, _ = render_jinja_template([[turn]], chat_template=template, add_generation_prompt=True)
    except Exception as cause:
        raise CheckpointError(f"The chat template of {source.name} cannot be used: {cause}.") from cause
    text = rendered[0].removeprefix(begin or "")
    if text.count(IMAGE) != 1 or text.count(QUESTION) != 1 or text.index(IMAGE) > text.index(QUESTION):
        raise CheckpointError(
            f"The chat template of {source.name} does not put one {IMAGE} before the question: {text!r}."
        )
    return text.replace(IMAGE, "{image}").replace(QUESTION, "{text}")


def _own(source: Source) -> str | None:
    """The folder's template, from any of the files that hold one."""
    if source.has("chat_template.jinja"):
        return (source.folder / "chat_template.jinja").read_text(encoding="utf8")
    for name in ("chat_template.json", "processor_config.json", "tokenizer_config.json"):
        found = source.json(name).get("chat_template") if source.has(name) else None
        if isinstance(found, str):
            return found
    return None
