"""A LISA of tiny widths in the published layout: sharded .bin files, segment-anything's names, CLIP apart."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import CLIPVisionConfig, CLIPVisionModel, LlamaConfig, LlamaForCausalLM, SamConfig, SamModel
from transformers.utils import sentencepiece_model_pb2_new as sentencepiece

from tests.sam_layout import original_names

WORDS = """A chat between a curious human and an artificial intelligence assistant. The assistant gives helpful,
detailed, and polite answers to the human's questions. USER: What is the dog in this image? Please output
segmentation mask. ASSISTANT: Sure, the segmentation result is the brown dog with a horn. It is a car on the road."""
ADDED = ["[SEG]", "<im_start>", "<im_end>"]


def sentencepiece_model(pieces: int = 420) -> bytes:
    """A small model of LLaMA's kind: <unk>, <s>, </s>, 256 bytes, then pieces whose scores are minus their rank."""
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.Metaspace()
    trained.train_from_iterator([WORDS] * 4, trainers.BpeTrainer(vocab_size=pieces - 259, show_progress=False))
    model = sentencepiece.ModelProto()
    model.trainer_spec.model_type = 2
    model.trainer_spec.byte_fallback = True
    model.normalizer_spec.add_dummy_prefix = True
    model.normalizer_spec.remove_extra_whitespaces = False
    model.normalizer_spec.escape_whitespaces = True
    for piece, kind in (("<unk>", 2), ("<s>", 3), ("</s>", 3)):
        model.pieces.add(piece=piece, score=0.0, type=kind)
    for value in range(256):
        model.pieces.add(piece=f"<0x{value:02X}>", score=0.0, type=6)
    vocabulary = json.loads(trained.to_str())["model"]["vocab"]
    ranked = sorted(vocabulary, key=lambda p: (len(p) == 1, vocabulary[p]))
    for rank, piece in enumerate(ranked):
        model.pieces.add(piece=piece, score=-float(rank), type=1)
    return model.SerializeToString()


class TinyLisa:
    """The modules and the folder. `two_layers`: LLaVA-1.5's projector (SESAME, READ) in place of LISA's one."""

    def __init__(self, folder: Path, seed: int = 0, two_layers: bool = False, groups: int = 4, added=ADDED) -> None:
        torch.manual_seed(seed)
        self.folder, self.two_layers = folder / "lisa", two_layers
        self.clip_folder = folder / "clip"
        self.tokens = sentencepiece_model()
        parsed = sentencepiece.ModelProto()
        parsed.ParseFromString(self.tokens)
        self.first_added, self.added = len(parsed.pieces), list(added)
        self.llama = LlamaForCausalLM(
            LlamaConfig(
                vocab_size=self.first_added + len(self.added), hidden_size=64, intermediate_size=96,
                num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=groups, rms_norm_eps=1e-5,
                max_position_embeddings=512,
            )
        ).eval()  # fmt: skip
        self.clip = CLIPVisionModel(
            CLIPVisionConfig(
                hidden_size=48, intermediate_size=96, num_hidden_layers=3, num_attention_heads=4, image_size=112,
                patch_size=14, hidden_act="quick_gelu",
            )
        ).eval()  # fmt: skip
        self.sam = SamModel(
            SamConfig(
                vision_config=dict(
                    hidden_size=64, output_channels=32, num_hidden_layers=3, num_attention_heads=2, image_size=128,
                    patch_size=16, mlp_dim=128, window_size=3, global_attn_indexes=[1], num_pos_feats=16,
                ),
                prompt_encoder_config=dict(hidden_size=32, image_size=128, patch_size=16),
                mask_decoder_config=dict(hidden_size=32, mlp_dim=64, iou_head_hidden_dim=32),
            )
        ).eval()  # fmt: skip
        widths = [48, 64, 64] if two_layers else [48, 64]
        self.projector = [torch.nn.Linear(a, b) for a, b in zip(widths, widths[1:], strict=False)]
        self.seg = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 32))
        for module in (self.llama, self.clip, self.sam, self.seg, *self.projector):
            for parameter in module.parameters():
                if parameter.dim() > 1:
                    torch.nn.init.normal_(parameter, std=0.15)
        with torch.no_grad():
            # So that a random model says [SEG] and ends: their logits swing further than other tokens'.
            self.llama.lm_head.weight[259 : self.first_added] *= 2
            self.llama.lm_head.weight[self.first_added] *= 4
            self.llama.lm_head.weight[2] *= 4

    def write(self) -> None:
        """Writes both folders."""
        self.folder.mkdir(parents=True)
        state = {k: v for k, v in self.llama.state_dict().items()}
        for i, layer in enumerate(self.projector):
            name = f"model.mm_projector.{2 * i}" if self.two_layers else "model.mm_projector"
            state |= {f"{name}.{k}": v for k, v in layer.state_dict().items()}
        state |= {f"model.text_hidden_fcs.0.{k}": v for k, v in self.seg.state_dict().items()}
        state |= {f"model.visual_model.{k}": v for k, v in original_names(self.sam.state_dict()).items()}
        names = list(state)
        shards = {"pytorch_model-00001-of-00002.bin": names[::2], "pytorch_model-00002-of-00002.bin": names[1::2]}
        for shard, own in shards.items():
            torch.save({name: state[name].clone() for name in own}, self.folder / shard)
        weight_map = {name: shard for shard, own in shards.items() for name in own}
        self._json("pytorch_model.bin.index.json", {"metadata": {}, "weight_map": weight_map})
        config = self.llama.config.to_dict()
        kept = ("hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
                "rms_norm_eps", "hidden_act", "max_position_embeddings")  # fmt: skip
        self._json("config.json", {
            **{k: config[k] for k in kept}, "architectures": ["LISAForCausalLM"], "model_type": "llava",
            "vocab_size": 32000, "mm_vision_tower": str(self.clip_folder), "mm_vision_select_layer": -2,
            "mm_use_im_start_end": True, "out_dim": 32,
        })  # fmt: skip
        (self.folder / "tokenizer.model").write_bytes(self.tokens)
        self._json("added_tokens.json", {t: self.first_added + i for i, t in enumerate(self.added)})
        self._json("special_tokens_map.json", {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"})
        self.clip_folder.mkdir()
        clip = {f"vision_model.{k}": v.contiguous() for k, v in self.clip.state_dict().items()}
        save_file(clip, self.clip_folder / "model.safetensors")
        vision = self.clip.config.to_dict()
        (self.clip_folder / "config.json").write_text(json.dumps({"model_type": "clip", "vision_config": vision}))

    def _json(self, name: str, value: dict) -> None:
        (self.folder / name).write_text(json.dumps(value))
