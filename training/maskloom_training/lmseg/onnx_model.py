"""An LMSeg row run from a bundle's ONNX files, in chunks of classes: the same calls as the PyTorch model.

The order is the one that any caller of the graphs needs: the class sums of a layer are added over all chunks before
that layer is applied to any of them.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from ..onnx_tools import open_session
from .fusion import cosine_cost


class OnnxLmseg:
    """(clip_pixels [B,3,S,S], sam_pixels [B,3,S,S], text [T,C]) -> logits [B,T,4g,4g]; `chunk` classes at once."""

    def __init__(self, bundle: Path, recipe_id: str, chunk: int = 64, threads: int = 1) -> None:
        manifest = json.loads((bundle / "bundle.json").read_text(encoding="utf-8"))
        roles = manifest["recipes"][recipe_id]["models"]
        self.chunk = chunk
        self.layers = manifest["presets"]["lmseg"]["layers"]
        self.sessions = {
            role: open_session(bundle / manifest["models"][model]["file"], threads)
            for role, model in roles.items()
            if role != "fusionAt"
        }

    def _run(self, role: str, **inputs: np.ndarray) -> list[np.ndarray]:
        session = self.sessions[role]
        wanted = {i.name for i in session.get_inputs()}
        return session.run(None, {name: value for name, value in inputs.items() if name in wanted})

    def clip_text(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Unit embeddings [N,C] of token rows."""
        found = self._run("clipText", input_ids=input_ids.numpy(), attention_mask=attention_mask.numpy())
        return torch.as_tensor(found[0])

    def __call__(self, clip_pixels: torch.Tensor, sam_pixels: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        dense, tap1, tap2 = self._run("clipDense", pixel_values=clip_pixels.numpy())
        sam = self._run("samEncoder", pixel_values=sam_pixels.numpy())[0]
        maps = []
        for b in range(len(dense)):
            one = slice(b, b + 1)
            fused = self._run("fusion", clip=dense[one], sam=sam[one])[0]
            cost = cosine_cost(torch.as_tensor(fused), text)[0].numpy()
            maps.append(self._classify(cost, text.numpy(), dense[one], tap1[one], tap2[one]))
        return torch.as_tensor(np.stack(maps))

    def _classify(self, cost, text, dense, tap1, tap2) -> np.ndarray:
        parts = [slice(i, i + self.chunk) for i in range(0, len(text), self.chunk)]
        embeds = [self._run("costEmbed", cost=cost[p][:, None])[0] for p in parts]
        for i in range(self.layers):
            if f"spatial{i}" in self.sessions:
                embeds = [self._run(f"spatial{i}", embed=e, guidance=dense)[0] for e in embeds]
            if f"classSums{i}" in self.sessions:
                sums = [self._run(f"classSums{i}", embed=e, text=text[p]) for e, p in zip(embeds, parts)]
                kv, k = (np.sum([s[j] for s in sums], axis=0, dtype=np.float32) for j in range(2))
                role = f"classApply{i}"
                embeds = [self._run(role, embed=e, text=text[p], kv=kv, k=k)[0] for e, p in zip(embeds, parts)]
        return np.concatenate([self._run("upsample", embed=e, tap1=tap1, tap2=tap2)[0] for e in embeds])
