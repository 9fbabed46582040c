"""SAM-tiny: equal to Hugging Face's SAM, prompts, a short training run, evaluation."""

import numpy as np
import pytest
import torch
from tiny_world import write_world

from maskloom_training.checkpoint import load_checkpoint
from maskloom_training.loop import train
from maskloom_training.sam.batch import draw_batch, low_resolution
from maskloom_training.sam.config import SamTinyConfig
from maskloom_training.sam.evaluate import PROMPTS, innermost_points, prompt_figures
from maskloom_training.sam.model import SamTiny, sine_of_turns, with_pad_point
from maskloom_training.sam.prompts import boxes_of, mixed_prompts, single_prompts
from maskloom_training.sam.train import SamStage, load_sam
from maskloom_training.world import World

SMALL = {"hidden": 32, "layers": 1, "heads": 2, "embed": 32, "decoder_mlp": 32, "decoder_heads": 2, "stem_width": 8}


@pytest.fixture(scope="module")
def model() -> SamTiny:
    torch.manual_seed(0)
    return SamTiny(SamTinyConfig.from_dict(SMALL), "eager").eval()


def test_forward_equals_hugging_faces(model):
    pixels = torch.randn(1, 3, 128, 128)
    coords, labels = torch.rand(3, 2, 2) * 128, torch.tensor([[1, 0], [1, -1], [0, 1]])
    boxes = torch.rand(3, 4) * 128
    previous = torch.randn(1, 1, 64, 64)
    with torch.no_grad():
        features = model.encode(pixels)
        points = model.decode(features, model.embed_points(*with_pad_point(coords, labels)), model.no_mask(3))
        corners = torch.cat([coords, boxes.view(3, 2, 2)], 1), torch.cat([labels, torch.tensor([[2, 3]] * 3)], 1)
        mixed = model.decode(
            features, model.embed_points(*corners), model.embed_masks(previous, torch.ones(1)).expand(3, -1, -1, -1)
        )
        for multimask, taken in ((True, slice(1, None)), (False, slice(0, 1))):
            upstream = model(pixels, coords[None], labels[None], multimask_output=multimask)
            assert torch.allclose(upstream.pred_masks[0], points[0][:, taken], atol=1e-4)
            assert torch.allclose(upstream.iou_scores[0], points[1][:, taken], atol=1e-4)
            upstream = model(pixels, coords[None], labels[None], boxes[None], previous, multimask_output=multimask)
            assert torch.allclose(upstream.pred_masks[0], mixed[0][:, taken], atol=1e-4)


def test_queries_do_not_touch_each_other(model):
    features = torch.randn(1, 32, 16, 16)
    sparse, dense = torch.randn(4, 3, 32), torch.randn(4, 32, 16, 16)
    with torch.no_grad():
        together = model.decode(features, sparse, dense)[0]
        alone = torch.cat([model.decode(features, sparse[i : i + 1], dense[i : i + 1])[0] for i in range(4)])
    assert torch.allclose(together, alone, atol=1e-5)


def test_sine_of_turns():
    turns = torch.linspace(-7, 7, 20001, dtype=torch.float64).float()
    assert torch.allclose(sine_of_turns(turns).double(), torch.sin(2 * torch.pi * turns.double()), atol=4e-7)


def test_a_point_that_is_not_one_carries_no_position(model):
    labels = torch.tensor([[-1]])
    near, far = (model.embed_points(torch.full((1, 1, 2), x), labels) for x in (3.0, 100.0))
    assert torch.equal(near, far)


def test_options_are_checked():
    with pytest.raises(ValueError, match="widht"):
        SamTinyConfig.from_dict({"widht": 3})
    with pytest.raises(ValueError, match="stem"):
        SamTinyConfig.from_dict({"stem": "cnov"})
    patch = SamTiny(SamTinyConfig.from_dict({**SMALL, "stem": "patch"}))
    assert patch.encode(torch.zeros(1, 3, 128, 128)).shape == (1, 32, 16, 16)


def test_prompts_lie_where_their_labels_say():
    rng = np.random.default_rng(0)
    masks = np.zeros((6, 128, 128), bool)
    for i in range(6):
        masks[i, 10 + i : 60, 20 : 50 + i] = True
    assert boxes_of(masks)[3].tolist() == [20, 13, 53, 60]
    single = single_prompts(masks, 0.5, rng)
    predicted = np.roll(masks, 7, axis=1)
    for tokens in (3, 6, 20):
        mixed = mixed_prompts(masks, predicted, tokens, 0.5, rng)
        assert mixed.coords.shape == (6, tokens, 2)
        for prompts in (single, mixed):
            for mask, coords, labels in zip(masks, prompts.coords, prompts.labels):
                for (x, y), label in zip(coords.astype(int), labels):
                    if label in (0, 1):
                        assert mask[y, x] == bool(label)
                boxed = 2 in labels
                assert boxed == (3 in labels)
                if not boxed:
                    assert labels[-1] == -1 and 1 in labels
    assert boxes_of(np.zeros((1, 8, 8), bool)).tolist() == [[0, 0, 0, 0]]


def test_batches_keep_masks_inside_the_valid_part(world_directory):
    world = World(world_directory)
    batch = draw_batch(world, 6, 4, 1.0, 30, np.random.default_rng(1))
    for b, (height, width) in enumerate(batch.valid):
        assert max(height, width) == 128
        assert not batch.images[b, height:].any() and not batch.images[b, :, width:].any()
        masks = batch.masks[4 * b : 4 * b + 4]
        assert not masks[:, height:].any() and not masks[:, :, width:].any()
        assert (masks.sum((1, 2)) >= 30).all()
    low = low_resolution(batch.masks, 2)
    assert low.shape == (24, 64, 64)
    assert np.allclose(low.sum((1, 2)) * 4, batch.masks.sum((1, 2)))


def test_a_short_run_learns_and_resumes(world_directory, tmp_path):
    world = World(world_directory)
    config = {
        "model": SMALL, "steps": 12, "warmup": 1, "images_per_step": 2, "single_prompts": 2, "mixed_prompts": 1,
        "eval_every": 1000, "save_every": 6, "val_images": 2, "lr": 3e-3, "seed": 2,
    }  # fmt: skip
    stage = SamStage(config, world, world)
    before = [float(stage.loss(s, np.random.default_rng([9, s]))[0].detach()) for s in range(3)]
    train(stage, config, tmp_path / "whole")
    after = [float(stage.loss(s, np.random.default_rng([9, s]))[0].detach()) for s in range(3)]
    assert sum(after) < sum(before)

    class Cut(SamStage):
        """Dies in the middle of a step."""

        def loss(self, step, rng):
            if step == 9:
                raise KeyboardInterrupt
            return super().loss(step, rng)

    with pytest.raises(KeyboardInterrupt):
        train(Cut(config, world, None), config, tmp_path / "parts")
    assert load_checkpoint(tmp_path / "parts" / "checkpoint.pt", "sam")["step"] == 6
    train(SamStage(config, world, None), config, tmp_path / "parts", resume=True)
    whole, parts = (load_sam(load_checkpoint(tmp_path / n / "checkpoint.pt", "sam")) for n in ("whole", "parts"))
    assert not whole.training
    for (name, one), other in zip(whole.state_dict().items(), parts.state_dict().values()):
        assert torch.equal(one, other), name


class _Oracle:
    """Answers with the true masks of the picture that was encoded last, at low resolution."""

    tiny = SamTinyConfig()

    def __init__(self, world: World, sign: float):
        self.world, self.sign, self.index = world, sign, -1

    def encode(self, pixels):
        self.index += 1

    def embed_points(self, coords, labels):
        assert coords.min() >= 0 and coords.max() <= 128

    def no_mask(self, count):
        pass

    def embed_masks(self, logits, flags):
        pass

    def decode(self, *_):
        ids = self.world.panoptic[self.index]
        height, width = self.world.size
        frame = torch.zeros(len(self.world.segments[self.index]), 1, 160, 160)
        for i, segment in enumerate(self.world.segments[self.index]):
            frame[i, 0, :height, :width] = torch.from_numpy(ids == segment.id).float()
        low = torch.nn.functional.interpolate(frame, (64, 64), mode="bilinear", antialias=True) - 0.5
        return self.sign * low.expand(-1, 4, -1, -1), torch.zeros(len(low), 4)


def test_figures_of_an_oracle_and_of_its_opposite(tmp_path):
    write_world(tmp_path, 2, size=(96, 160), seed=50)
    world = World(tmp_path)
    right, wrong = (prompt_figures(_Oracle(world, sign), world, prompts=PROMPTS) for sign in (1.0, -1.0))
    for prompt in PROMPTS:
        assert right[prompt]["all"]["miou"] > 0.9
        assert wrong[prompt]["all"]["miou"] < 0.1


def test_figures_count_every_segment_once(tmp_path, model):
    write_world(tmp_path, 2, size=(96, 160), seed=50)
    world = World(tmp_path)
    figures = prompt_figures(model, world, prompts=PROMPTS, resamples=50)
    count = sum(len(s) for s in world.segments)
    for prompt in PROMPTS:
        kinds = figures[prompt]
        assert kinds["all"]["n"] == kinds["things"]["n"] + kinds["stuff"]["n"] == count
        low, high = kinds["all"]["interval"]
        assert 0 <= low <= kinds["all"]["miou"] <= high <= 1


def test_innermost_points():
    masks = torch.zeros(2, 32, 32, dtype=torch.bool)
    masks[0, 4:15, 6:17] = True
    masks[1, 20:22, 1:30] = True
    masks[1, 16:25, 20:29] = True
    points = innermost_points(masks)
    assert points[0].tolist() == [11.0, 9.0]
    assert points[1].tolist() == [24.0, 20.0]
