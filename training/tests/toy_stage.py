"""A small stage with dropout and random batches; as a script it trains until it ends or is killed (test_loop.py).

python toy_stage.py OUT STEPS SECONDS_PER_STEP [PARTS]
"""

import sys
import time
from pathlib import Path

import numpy as np
import torch

from maskloom_training.loop import train

CONFIG = {"lr": 0.02, "warmup": 3, "save_every": 5, "eval_every": 10, "seed": 3, "progress_seconds": 1e9}


class ToyStage:
    name = "toy"

    def __init__(self, pause: float = 0.0):
        torch.manual_seed(0)
        self.net = torch.nn.Sequential(
            torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Dropout(0.2), torch.nn.Linear(8, 1)
        )
        self.pause = pause

    def modules(self):
        return {"net": self.net}

    def parameter_groups(self):
        return [{"params": list(self.net[0].parameters()), "lr_scale": 0.5}, {"params": list(self.net[3].parameters())}]

    def loss(self, step, rng: np.random.Generator):
        time.sleep(self.pause)
        x = torch.from_numpy(rng.standard_normal((16, 4)).astype(np.float32))
        loss = (self.net(x)[:, 0] - x.sum(1)).square().mean()
        return loss, {"half": float(loss.detach()) / 2}

    def evaluate(self):
        return {"weight": float(self.net[0].weight.detach().norm())}


if __name__ == "__main__":
    settings = {**CONFIG, "steps": int(sys.argv[2]), "parts": int(sys.argv[4]) if len(sys.argv) > 4 else 1}
    train(ToyStage(float(sys.argv[3])), settings, Path(sys.argv[1]), resume=True)
