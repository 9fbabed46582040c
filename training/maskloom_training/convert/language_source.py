"""A language model out of a checkpoint that holds more: its tensors under one set of names, and its configuration."""

from __future__ import annotations

from transformers import CONFIG_MAPPING, LlamaConfig, PretrainedConfig

from .tensors import CheckpointError, Renamed, Tensors

DECODERS = ("llama", "qwen2")
"""Kinds of language models (`model_type`) that are converted."""
_LLAVA_KEYS = (
    "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
    "rms_norm_eps", "hidden_act", "max_position_embeddings", "rope_theta", "rope_scaling", "head_dim",
)  # fmt: skip


def language_tensors(tensors: Tensors) -> Tensors:
    """The language model's tensors alone."""
    parts = ("model.layers.", "model.embed_tokens.", "model.norm.", "lm_head.")
    return Renamed(tensors, lambda name: name if name.startswith(parts) else None)


def llama_config(given: dict, language: Tensors) -> LlamaConfig:
    """LLaMA's configuration out of the original LLaVA's; the vocabulary is what the embedding holds."""
    taken = {key: given[key] for key in _LLAVA_KEYS if given.get(key) is not None}
    for key in ("hidden_size", "num_hidden_layers", "num_attention_heads"):
        if key not in taken:
            raise CheckpointError(f"config.json has no {key}.")
    return _fitting(LlamaConfig(**taken), language)


def text_config(given: dict, language: Tensors) -> PretrainedConfig:
    """The configuration under Hugging Face's `text_config`; what it leaves out has its class's defaults."""
    text = given.get("text_config")
    if not isinstance(text, dict):
        raise CheckpointError("config.json has no text_config: this is not Hugging Face's layout of the model.")
    kind = text.get("model_type", "llama")
    if kind not in DECODERS:
        raise CheckpointError(f"The language model is a {kind!r}; converted are {' and '.join(DECODERS)}.")
    skipped = ("architectures", "torch_dtype", "dtype", "_name_or_path")
    config = CONFIG_MAPPING[kind](**{k: v for k, v in text.items() if k not in skipped})
    if getattr(config, "use_sliding_window", False):
        raise CheckpointError("The language model attends in a sliding window, which is not converted.")
    return _fitting(config, language)


def _fitting(config: PretrainedConfig, language: Tensors) -> PretrainedConfig:
    """The configuration with the embedding's vocabulary. Raises CheckpointError where the weights have other sizes."""
    rows, width = language.shape("model.embed_tokens.weight")
    layers = 1 + max((int(n.split(".")[2]) for n in language.names() if n.startswith("model.layers.")), default=-1)
    if (width, layers) != (config.hidden_size, config.num_hidden_layers):
        raise CheckpointError(
            f"config.json says {config.num_hidden_layers} layers of width {config.hidden_size}; "
            f"the weights have {layers} of width {width}."
        )
    heads = config.num_attention_heads
    groups = getattr(config, "num_key_value_heads", None) or heads
    head = getattr(config, "head_dim", None) or width // heads
    for name, count in (("q_proj", heads), ("k_proj", groups)):
        found = language.shape(f"model.layers.0.self_attn.{name}.weight")[0]
        if found != count * head:
            raise CheckpointError(
                f"config.json says {count} heads of {head} for {name}; there are {found} rows, not {count * head}."
            )
    inner = language.shape("model.layers.0.mlp.up_proj.weight")[0]
    if inner != config.intermediate_size:
        raise CheckpointError(f"config.json says an MLP of {config.intermediate_size}; the weights have {inner}.")
    config.vocab_size = rows
    return config
