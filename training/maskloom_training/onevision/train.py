"""Train OneVision-tiny's base, which every row of ROSE's tables starts from:

    python -m maskloom_training.onevision.train --config training/configs/onevision-tiny.json --data DIR --val DIR \\
        --tokenizer DIR --siglip CHECKPOINT --llava CHECKPOINT --sam CHECKPOINT --features DIR --out DIR

Starts from LLaVA-tiny's base. Teaches what both rivals of Table 3 need, together: the counting answer, lists with [SEG]
behind each name, names along <REGION>, questions; and patch states that know what and where they are, through heads
that are thrown away (objectness, category embedding by the decoding prompt, SAM's place code). States that emit [SEG]
get the same place code to learn.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ..checkpoint import load_checkpoint
from ..loop import train
from ..objectives.distil import distillation_loss, fading
from ..objectives.objectness import objectness_loss, sample_negatives
from ..objectives.text import token_cross_entropy
from ..precision import half
from ..rose.analyzer import PatchAnalyzer, fit_head
from ..rose.assign import Assignment, assign
from ..rose.features import SiglipFeatures
from ..rose.naming import naming_logits
from ..rose.targets import Target, TargetSet
from ..sam.model import SamTiny
from ..sam.train import load_sam
from ..segment.projection import SegProjection
from ..siglip.model import SiglipTiny
from ..siglip.train import load_siglip
from ..text.phrases import read_queries
from ..text.tokenizer import load_tokenizer
from ..world import World
from .figures import base_figures
from .model import OneVisionSettings, OneVisionTiny
from .prompts import OneVisionPrompts
from .sequences import read_batch
from .start import add_place_codes, point_vectors, start_from_llava
from .tasks import Task, TaskMaker

SHARES = {"free": 0.22, "semantic": 0.08, "instance": 0.15, "list": 0.3, "regions": 0.1, "question": 0.15}
WEIGHTS = {"text": 1.0, "names": 1.0, "objectness": 0.5, "words": 0.5, "place": 1.0}


class OneVisionStage:
    """The base stage on a frozen tower's cached features."""

    name = "onevision"

    def __init__(
        self,
        config: dict,
        data: World,
        held_out: World,
        tokenizer_dir: Path,
        siglip: SiglipTiny,
        llava: Path | None,
        sam: SamTiny,
        features: Path,
    ) -> None:
        self.config = config
        self.weights, self.shares = {**WEIGHTS, **config.get("loss", {})}, {**SHARES, **config.get("shares", {})}
        tokenizer = load_tokenizer(tokenizer_dir)
        self.prompts = OneVisionPrompts(tokenizer)
        settings = OneVisionSettings(**{**config["model"], "vocabulary": tokenizer.get_vocab_size()})
        config["model"] = dict(settings.__dict__)
        torch.manual_seed(config.get("seed", 0))
        self.model = OneVisionTiny(settings)
        if llava is not None:
            start_from_llava(self.model, llava)
        # Under bfloat16 on a CPU, plain attention is the faster one.
        self.model.language_model.set_attn_implementation("eager")
        self.siglip, self.sam = siglip, sam
        self.analyzer = PatchAnalyzer(settings.hidden, sam.tiny.embed, siglip.settings.projection)
        self.projection = SegProjection(settings.hidden, sam.tiny.embed)
        self.data, self.held_out = data, held_out
        self.targets, self.held_targets = TargetSet(data, settings.grid), TargetSet(held_out, settings.grid)
        self.features, self.held_features = (
            SiglipFeatures(siglip, data, features),
            SiglipFeatures(siglip, held_out, features),
        )
        self.questions = [q.text for q in read_queries(data)]
        self.assignment = Assignment()
        self.maker = TaskMaker(self.prompts, self.targets.names)
        points = torch.rand(512, 2) * sam.tiny.image_size
        codes = point_vectors(sam, points)
        self.spread = float((codes - codes.mean(0)).pow(2).sum(1).mean())
        self._start_words()
        add_place_codes(self.model, sam, self._some_states()[0].flatten(0, 1))
        self._start_heads()

    def _start_words(self) -> None:
        """What a category embedding is drawn to: the input embedding of its word (first token), as the base starts."""
        table = self.model.llama.embed_tokens.weight.detach()
        first = [self.prompts.name(n)[0] for n in self.targets.names]
        self.words = dict(zip(self.targets.names, table[first].clone(), strict=True))
        stack = torch.stack(list(self.words.values()))
        self.word_spread = float((stack - stack.mean(0)).pow(2).sum(1).mean())

    @torch.no_grad()
    def _some_states(self, pictures: int = 64) -> tuple[torch.Tensor, list[Task]]:
        """Patch states [n,L,D] of the first pictures under the free instruction, and their tasks."""
        chosen = np.arange(min(pictures, len(self.data)))
        tasks = [self.maker.count("free", self.targets.get(int(i))) for i in chosen]
        prefixes, none = [t.prefix for t in tasks], [[0]] * len(tasks)
        return read_batch(self.model, self.features.get(chosen), prefixes, self.prompts.suffix, none).patches, tasks

    @torch.no_grad()
    def _start_heads(self) -> None:
        states, tasks = self._some_states()
        at, owners = self.positives(tasks)
        mine = states[at[:, 0], at[:, 1]]
        place = fit_head(self.analyzer.mask, mine, self.codes(owners))
        words = fit_head(self.analyzer.category, mine, torch.stack([self.words[t.name] for t in owners]))
        print(f"{self.name}: heads start in closed form, unexplained: place {place:.3f}, words {words:.3f}", flush=True)

    def codes(self, targets: list[Target]) -> torch.Tensor:
        scale = self.sam.tiny.image_size / self.data.size[0]
        return point_vectors(self.sam, torch.tensor([t.inside for t in targets]) * scale)

    def positives(self, tasks: list[Task]) -> tuple[torch.Tensor, list[Target]]:
        at, owners = [], []
        for b, task in enumerate(tasks):
            owner = assign(task.targets, self.model.settings.grid, self.data.size[0], self.assignment)
            for cell in np.flatnonzero(owner >= 0):
                at.append((b, int(cell)))
                owners.append(task.targets[owner[cell]])
        return torch.tensor(at), owners

    def modules(self) -> dict[str, nn.Module]:
        return {"onevision": self.model, "analyzer": self.analyzer, "projection": self.projection}

    def parameter_groups(self) -> list[dict]:
        return [{"params": [p for module in self.modules().values() for p in module.parameters()]}]

    def _task(self, index: int, rng: np.random.Generator) -> Task:
        kinds = list(self.shares)
        shares = np.array([self.shares[k] for k in kinds])
        kind = kinds[rng.choice(len(kinds), p=shares / shares.sum())]
        targets = self.targets.get(index)
        if kind == "list":
            return self.maker.stacked(targets)
        if kind == "regions":
            return self.maker.regions(targets, rng)
        if kind == "question":
            pool = self.questions[index]
            return self.maker.question(pool[int(rng.integers(len(pool)))], targets)
        return self.maker.count(kind, targets)

    def loss(self, step: int, rng: np.random.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        pool = min(len(self.data), self.config.get("pool", len(self.data)))
        chosen = np.sort(rng.choice(pool, self.config["batch"], replace=False))
        tasks = [self._task(int(i), rng) for i in chosen]
        losses = self._losses(tasks, chosen, rng)
        w = self.weights
        help_weight = fading(step / self.config["steps"], 0.6, 0.1)
        total = (
            w["text"] * losses["text"]
            + w["names"] * losses["names"]
            + w["objectness"] * losses["objectness"]
            + help_weight * (w["words"] * losses["words"])
            + w["place"] * (losses["place"] + losses["seg_place"])
        )
        return total, {name: float(value.detach()) for name, value in losses.items()}

    def _losses(self, tasks: list[Task], chosen: np.ndarray, rng: np.random.Generator) -> dict[str, torch.Tensor]:
        at, owners = self.positives(tasks)
        with half(self.config.get("bfloat16", True)):
            batch = read_batch(
                self.model,
                self.features.get(chosen),
                [t.prefix for t in tasks],
                self.prompts.suffix,
                [t.ids for t in tasks],
                lambda patches: self._regions(tasks, patches, rng),
            )
            mine = batch.patches[at[:, 0], at[:, 1]]
            objectness, codes, categories, _ = self.analyzer(mine)
            every = self.analyzer.objectness(batch.patches)[..., 0].float()
            some = torch.as_tensor(rng.permutation(len(owners))[: self.config.get("names", 32)])
            names = [self.prompts.name(owners[k].name) for k in some.tolist()]
            named, wanted = naming_logits(self.model, self.prompts, categories[some], names)
        positive, negative = np.zeros(every.shape, bool), np.zeros(every.shape, bool)
        positive[at[:, 0], at[:, 1]] = True
        for b in range(len(tasks)):
            negative[b] = sample_negatives(positive[b], 3, rng)
        seg = [(b, p, t.targets[k]) for b, t in enumerate(tasks) for p, k in t.seg_at]
        seg_place = every.sum() * 0.0
        if seg:
            states = batch.answers[[b for b, _, _ in seg], [p for _, p, _ in seg]]
            placed = self.projection(states.float())[:, 0]
            seg_place = distillation_loss(placed, self.codes([t for _, _, t in seg]), self.spread)
        words = torch.stack([self.words[t.name] for t in owners])
        return {
            "text": self._text(tasks, batch.answers.float()),
            "names": token_cross_entropy(named.float(), wanted),
            "objectness": objectness_loss(every, torch.as_tensor(positive), torch.as_tensor(negative)),
            "words": distillation_loss(categories.float(), words, self.word_spread),
            "place": distillation_loss(codes.float(), self.codes(owners), self.spread),
            "seg_place": seg_place,
        }

    def _regions(self, tasks: list[Task], patches: torch.Tensor, rng) -> dict[tuple[int, int], torch.Tensor]:
        found = {}
        for b, task in enumerate(tasks):
            if not task.regions:
                continue
            owner = assign(task.targets, self.model.settings.grid, self.data.size[0], self.assignment)
            for position, k in task.regions.items():
                cells = np.flatnonzero(owner == k)
                if len(cells) == 0:
                    cells = task.targets[k].cover.argmax(keepdims=True)
                found[(b, position)] = self.analyzer.category(patches[b, int(rng.choice(cells))])
        return found

    def _text(self, tasks: list[Task], answers: torch.Tensor) -> torch.Tensor:
        rows = [
            (b, k, token, w)
            for b, t in enumerate(tasks)
            for k, (token, w) in enumerate(zip(t.ids, t.weights, strict=True))
        ]
        states = answers[[r[0] for r in rows], [r[1] for r in rows]]
        return token_cross_entropy(
            self.model.logits(states), torch.tensor([r[2] for r in rows]), torch.tensor([r[3] for r in rows])
        )

    def evaluate(self) -> dict[str, float]:
        for module in self.modules().values():
            module.eval()
        figures = base_figures(self)
        for module in self.modules().values():
            module.train()
        return figures


def load_onevision(path: Path) -> OneVisionTiny:
    """The base of a checkpoint, in eval mode and frozen."""
    saved = load_checkpoint(path, "onevision")
    model = OneVisionTiny(OneVisionSettings(**saved["config"]["model"]))
    model.load_state_dict(saved["modules"]["onevision"])
    return model.eval().requires_grad_(False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("config", "data", "val", "tokenizer", "siglip", "sam", "features", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--llava", type=Path, default=None, help="LLaVA-tiny's checkpoint to start from")
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    config = json.loads(args.config.read_text())
    torch.set_num_threads(config.get("threads", 1))
    data, held_out = World(args.data, limit=config.get("images")), World(args.val, limit=config.get("val_images", 80))
    sam = load_sam(load_checkpoint(args.sam, "sam")).requires_grad_(False)
    stage = OneVisionStage(
        config, data, held_out, args.tokenizer, load_siglip(args.siglip), args.llava, sam, args.features
    )
    train(stage, config, args.out, resume=args.resume)


if __name__ == "__main__":
    main()
