"""Decoders of both families as graphs: logits, states and caches against Hugging Face on the stored weights."""

from pathlib import Path

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

from maskloom_training.convert.graph import DTYPES, Graph
from maskloom_training.convert.language import language_model
from maskloom_training.convert.tensors import CheckpointError, Memory
from maskloom_training.convert.weight_file import WeightFile
from maskloom_training.llava.export import ChosenLogits
from maskloom_training.onnx_tools import largest_difference, open_session

WIDTHS = dict(
    vocab_size=100, hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
    max_position_embeddings=128,
)  # fmt: skip
ROPE = {"rope_type": "llama3", "rope_theta": 5e5, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
        "original_max_position_embeddings": 64}  # fmt: skip
KINDS = {
    "llama": lambda: LlamaForCausalLM(LlamaConfig(num_key_value_heads=4, rms_norm_eps=1e-5, **WIDTHS)),
    "grouped": lambda: LlamaForCausalLM(LlamaConfig(num_key_value_heads=2, rope_parameters=ROPE, **WIDTHS)),
    "wide-heads": lambda: LlamaForCausalLM(LlamaConfig(num_key_value_heads=2, head_dim=24, **WIDTHS)),
    "qwen2": lambda: Qwen2ForCausalLM(Qwen2Config(num_key_value_heads=1, **WIDTHS)),
    "tied": lambda: Qwen2ForCausalLM(Qwen2Config(num_key_value_heads=2, tie_word_embeddings=True, **WIDTHS)),
}


def model_of(kind: str) -> torch.nn.Module:
    torch.manual_seed(0)
    model = KINDS[kind]().eval()
    for parameter in model.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.2)
        else:
            torch.nn.init.uniform_(parameter, 0.5, 1.5)
    return model


def write(model: torch.nn.Module, folder: Path, dtype: str, layers: int | None = None) -> dict[str, torch.Tensor]:
    state = dict(model.state_dict())
    if model.config.tie_word_embeddings:
        del state["lm_head.weight"]
    weights = WeightFile(folder / "lm.onnx_data")
    graph = Graph("lm", Memory(state), weights, dtype)
    graph.stored = {}
    language_model(graph, model.config, layers)
    weights.close()
    graph.save(folder / "lm.onnx")
    return graph.stored


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_step_gives_what_hugging_face_gives(kind: str, dtype: str, tmp_path: Path) -> None:
    model = model_of(kind)
    stored = write(model, tmp_path, dtype)
    model.load_state_dict(stored, strict=False)
    model.tie_weights()
    config = model.config
    head = getattr(config, "head_dim", None) or 16
    for past in (0, 3):
        batch, new = 2, 5
        mask = torch.ones(batch, past + new, dtype=torch.long)
        inputs = {
            "inputs_embeds": torch.randn(batch, new, 64),
            "attention_mask": mask,
            "position_ids": torch.arange(past, past + new).expand(batch, -1).contiguous(),
            "logits_at": torch.tensor([new - 1, 0] if past == 0 else [], dtype=torch.long),
        }
        for i in range(2):
            for part in ("key", "value"):
                inputs[f"past_key_values.{i}.{part}"] = torch.randn(batch, config.num_key_value_heads, past, head)
        worst = largest_difference(ChosenLogits(model), open_session(tmp_path / "lm.onnx"), inputs)
        assert worst < 5e-5


def test_stored_weights_are_near_the_checkpoints(tmp_path: Path) -> None:
    model = model_of("llama")
    exact = model.state_dict()["model.layers.0.mlp.up_proj.weight"]
    for dtype, least, most in (("f32", 0, 0), ("f16", 1e-7, 1e-3), ("q8", 1e-4, 0.01), ("q4", 0.01, 0.15)):
        stored = write(model, tmp_path, dtype)["model.layers.0.mlp.up_proj.weight"]
        assert least <= float((stored - exact).abs().max()) <= most


def test_what_is_not_llama_or_qwen2_is_refused(tmp_path: Path) -> None:
    model = model_of("llama")
    state = {**model.state_dict(), "model.layers.0.self_attn.q_norm.weight": torch.ones(16)}
    graph = Graph("lm", Memory(state), WeightFile(tmp_path / "w"), "f32")
    with pytest.raises(CheckpointError, match="q_norm"):
        language_model(graph, model.config)
    model.config.rope_parameters = {"rope_type": "dynamic", "rope_theta": 1e4, "factor": 2.0}
    graph = Graph("lm", Memory(model.state_dict()), WeightFile(tmp_path / "v"), "f32")
    with pytest.raises(CheckpointError, match="dynamic"):
        language_model(graph, model.config)
