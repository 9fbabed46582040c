"""LLaVA-1.5 and LLaVA-OneVision of tiny widths in Hugging Face's own classes, written in every published layout."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    CLIPVisionConfig,
    LlamaConfig,
    LlavaConfig,
    LlavaForConditionalGeneration,
    LlavaOnevisionConfig,
    LlavaOnevisionForConditionalGeneration,
    Qwen2Config,
    SiglipVisionConfig,
)

from maskloom_training.convert.tokenizer import from_sentencepiece
from tests.lisa_folder import WORDS, sentencepiece_model

LLAVA_TEMPLATE = (
    "{% for message in messages %}{{ message['role'].upper() + ': ' }}"
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}{{ '<image>\n' }}"
    "{% else %}{{ part['text'] + ' ' }}{% endif %}{% endfor %}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %}"
)
ONEVISION_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + ' ' }}"
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}{{ '<image>' }}"
    "{% else %}{{ '\n' + part['text'] }}{% endif %}{% endfor %}{{ '<|im_end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)


def picture() -> Image.Image:
    small = np.random.default_rng(0).integers(0, 255, (9, 14, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((190, 120), Image.Resampling.BICUBIC)


def normalised(image: Image.Image, mean, std) -> torch.Tensor:
    pixels = (np.asarray(image, np.float32) / 255 - np.float32(mean)) / np.float32(std)
    return torch.from_numpy(pixels).permute(2, 0, 1)[None]


def lively(model: torch.nn.Module, seed: int) -> None:
    """Weights under which greedy text is not one token over and over."""
    torch.manual_seed(seed)
    for parameter in model.parameters():
        if parameter.dim() > 1:
            torch.nn.init.normal_(parameter, std=0.15)
    torch.nn.init.normal_(model.get_input_embeddings().weight, std=0.5)


class TinyLlava:
    """LLaVA-1.5: 64 image tokens, two added rows of padding behind the vocabulary, as published files have."""

    side = 112

    def __init__(self, seed: int = 0) -> None:
        self.tokens = sentencepiece_model()
        self.tokenizer = from_sentencepiece(self.tokens)
        self.tokenizer.add_special_tokens([AddedToken("<image>", normalized=False)])
        self.tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
        size = self.tokenizer.get_vocab_size()
        vision = CLIPVisionConfig(
            hidden_size=48, intermediate_size=96, num_hidden_layers=3, num_attention_heads=4, image_size=self.side,
            patch_size=14, hidden_act="quick_gelu",
        )  # fmt: skip
        text = LlamaConfig(
            vocab_size=size + 2, hidden_size=64, intermediate_size=96, num_hidden_layers=3, num_attention_heads=4,
            rms_norm_eps=1e-5, max_position_embeddings=512,
        )  # fmt: skip
        config = LlavaConfig(vision_config=vision, text_config=text, image_token_index=size - 1, image_seq_length=64)
        self.model = LlavaForConditionalGeneration(config).eval()
        lively(self.model, seed)

    def pixels(self, image: Image.Image) -> torch.Tensor:
        """Shortest side to 112, the middle cut out."""
        width = int(self.side * image.width / image.height)
        left = (width - self.side) // 2
        resized = image.resize((width, self.side), Image.Resampling.BICUBIC)
        return normalised(resized.crop((left, 0, left + self.side, self.side)), CLIP_MEAN, CLIP_STD)

    def greedy(self, ids: list[int], image: Image.Image, most: int) -> list[int]:
        given = {"pixel_values": self.pixels(image)}
        return greedy(self.model, ids, given, 2, most)

    def write(self, folder: Path, layout: str) -> None:
        """hf: as save_pretrained; hf-new: names of 4.52 and later; original: liuhaotian's, the tower apart."""
        folder.mkdir()
        if layout == "hf":
            self.model.save_pretrained(folder)
        elif layout == "hf-new":
            self.model.config.save_pretrained(folder)
            save_file({k: v.contiguous() for k, v in self.model.state_dict().items()}, folder / "model.safetensors")
        else:
            return self._original(folder)
        self.tokenizer.save(str(folder / "tokenizer.json"))
        (folder / "chat_template.json").write_text(json.dumps({"chat_template": LLAVA_TEMPLATE}))
        (folder / "generation_config.json").write_text('{"eos_token_id": 2}')

    def _original(self, folder: Path) -> None:
        state, tower = {}, {}
        for name, value in self.model.state_dict().items():
            value = value.clone()
            if name.startswith("model.vision_tower."):
                tower[f"vision_model.{name.removeprefix('model.vision_tower.')}"] = value
            elif name.startswith("model.multi_modal_projector."):
                kind = "0" if "linear_1" in name else "2"
                state[f"model.mm_projector.{kind}.{name.rsplit('.')[-1]}"] = value
            else:
                state[name.replace("model.language_model.", "model.")] = value
        names = list(state)
        shards = {"pytorch_model-00001-of-00002.bin": names[::2], "pytorch_model-00002-of-00002.bin": names[1::2]}
        for shard, own in shards.items():
            torch.save({name: state[name] for name in own}, folder / shard)
        index = {"weight_map": {name: shard for shard, own in shards.items() for name in own}}
        (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index))
        clip = folder.with_name(f"{folder.name}-clip")
        clip.mkdir()
        save_file(tower, clip / "model.safetensors")
        (clip / "config.json").write_text(json.dumps({"vision_config": self.model.config.vision_config.to_dict()}))
        text = self.model.config.text_config
        kept = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "rms_norm_eps")
        (folder / "config.json").write_text(json.dumps({
            **{k: getattr(text, k) for k in kept}, "model_type": "llava_llama", "max_position_embeddings": 512,
            "mm_vision_tower": str(clip), "mm_vision_select_layer": -2, "mm_projector_type": "mlp2x_gelu",
            "image_aspect_ratio": "pad",
        }))  # fmt: skip
        (folder / "tokenizer.model").write_bytes(self.tokens)


class TinyOneVision:
    """LLaVA-OneVision: Qwen2 with grouped heads and tied embeddings, SigLIP without its head, 16 tokens a view."""

    side = 64

    def __init__(self, seed: int = 0) -> None:
        made = Tokenizer(models.BPE())
        made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        made.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=400, show_progress=False, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
        )
        made.train_from_iterator([WORDS] * 4, trainer)
        special = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<image>", "<video>")
        made.add_special_tokens([AddedToken(token, normalized=False) for token in special])
        self.tokenizer, self.end = made, made.token_to_id("<|im_end|>")
        vision = SiglipVisionConfig(
            hidden_size=48, intermediate_size=96, num_hidden_layers=3, num_attention_heads=4, image_size=self.side,
            patch_size=16, vision_use_head=False,
        )  # fmt: skip
        text = Qwen2Config(
            vocab_size=made.get_vocab_size() + 4, hidden_size=64, intermediate_size=96, num_hidden_layers=3,
            num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512, tie_word_embeddings=True,
        )  # fmt: skip
        config = LlavaOnevisionConfig(
            vision_config=vision, text_config=text, image_token_index=made.token_to_id("<image>"),
            image_grid_pinpoints=[[self.side, self.side]], tie_word_embeddings=True,
        )  # fmt: skip
        self.model = LlavaOnevisionForConditionalGeneration(config).eval()
        lively(self.model, seed)
        torch.nn.init.normal_(self.model.model.image_newline, std=1.0)

    def pixels(self, image: Image.Image) -> torch.Tensor:
        """The whole picture squeezed to the square."""
        return normalised(image.resize((self.side, self.side), Image.Resampling.BICUBIC), (0.5,) * 3, (0.5,) * 3)

    def greedy(self, ids: list[int], image: Image.Image, most: int) -> list[int]:
        given = {
            "pixel_values": self.pixels(image)[None],
            "image_sizes": torch.tensor([[image.height, image.width]]),
            # A picture among several has one view and no tiles.
            "batch_num_images": torch.tensor([2]),
        }
        return greedy(self.model, ids, given, self.end, most)

    def write(self, folder: Path, layout: str) -> None:
        """hf: as save_pretrained; hf-new: names of 4.52 and later."""
        folder.mkdir()
        if layout == "hf":
            self.model.save_pretrained(folder)
        else:
            self.model.config.save_pretrained(folder)
            state = {k: v.contiguous() for k, v in self.model.state_dict().items() if k != "lm_head.weight"}
            save_file(state, folder / "model.safetensors")
        self.tokenizer.save(str(folder / "tokenizer.json"))
        (folder / "tokenizer_config.json").write_text('{"eos_token": "<|im_end|>"}')
        (folder / "chat_template.jinja").write_text(ONEVISION_TEMPLATE)


@torch.no_grad()
def greedy(model: torch.nn.Module, ids: list[int], given: dict, end: int, most: int) -> list[int]:
    """Greedy ids by Hugging Face's forward pass over everything at every step."""
    written: list[int] = []
    while len(written) < most:
        logits = model(input_ids=torch.tensor([ids + written]), use_cache=False, **given).logits
        new = int(logits[0, -1].argmax())
        if new == end:
            break
        written.append(new)
    return written
