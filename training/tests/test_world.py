"""The world's reader against pycocotools and against the arrays that were written."""

import json
import shutil

import numpy as np
import pytest
from pycocotools.coco import COCO
from tiny_world import write_world

from maskloom_training.world import World


def test_masks_and_boxes_equal_pycocotools(world_directory):
    world = World(world_directory)
    coco = COCO(str(world_directory / "refer" / "instances.json"))
    assert set(world.targets) == set(coco.anns)
    for annotation_id, annotation in world.targets.items():
        record = coco.anns[annotation_id]
        assert np.array_equal(annotation.mask(), coco.annToMask(record).astype(bool))
        assert annotation.area == int(annotation.mask().sum())
        assert list(annotation.bbox) == record["bbox"]
    assert set(world.instances) < set(world.targets)


def test_pixels_and_panoptic_ids_survive(tmp_path):
    truth = write_world(tmp_path, 3, size=(80, 128), seed=5)
    world = World(tmp_path)
    assert world.images.shape == (3, 80, 128, 3) and world.images.dtype == np.uint8
    for image_id, ids in truth.items():
        index = world.index_of[image_id]
        assert np.array_equal(world.panoptic[index], ids)
        for segment in world.segments[index]:
            assert segment.area == int((ids == segment.id).sum())
            assert segment.is_thing == (segment.category_id < 11)


def test_the_cache_is_used_and_gives_the_same(world_directory):
    first = np.array(World(world_directory).images)
    caches = list((world_directory / "cache").iterdir())
    second = World(world_directory)
    assert list((world_directory / "cache").iterdir()) == caches
    assert np.array_equal(first, second.images)


def test_a_limit_keeps_the_first_pictures_and_their_phrases(world_directory):
    world = World(world_directory, limit=2)
    assert len(world) == 2
    kept = set(int(i) for i in world.image_ids)
    assert {r["image_id"] for r in world.refs} == kept
    assert {a.image_id for a in world.targets.values()} == kept


def test_errors_name_the_file(tmp_path, world_directory):
    with pytest.raises(FileNotFoundError, match="synth.json"):
        World(tmp_path / "nowhere")
    broken = tmp_path / "broken"
    shutil.copytree(world_directory, broken)
    info = json.loads((broken / "synth.json").read_text())
    (broken / "synth.json").write_text(json.dumps({**info, "schema": "maskloom.synth/9"}))
    with pytest.raises(ValueError, match="maskloom.synth/9"):
        World(broken)
    shutil.rmtree(broken / "cache", ignore_errors=True)
    (broken / "synth.json").write_text(json.dumps({**info, "width": 64}))
    with pytest.raises(ValueError, match="128x128"):
        World(broken)
    assert not [p for p in (broken / "cache").iterdir()], "a failed read must not leave half a cache"
