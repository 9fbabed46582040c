import numpy as np
import torch

from maskloom_training.features import FeatureCache
from maskloom_training.llava.queries import Sampling, sample
from maskloom_training.text.phrases import ImageQueries, Query, several
from maskloom_training.text.prompts import ACCEPT, REJECT


def test_features_are_computed_once_and_survive_a_restart(tmp_path):
    asked = []

    def compute(indices: np.ndarray) -> torch.Tensor:
        asked.extend(indices.tolist())
        return torch.from_numpy(indices[:, None].astype(np.float32)).expand(-1, 2) * 0.5

    cache = FeatureCache(tmp_path, 10, (2,), compute)
    assert cache.get(np.array([3, 7, 3])).tolist() == [[1.5, 1.5], [3.5, 3.5], [1.5, 1.5]]
    again = FeatureCache(tmp_path, 10, (2,), compute)
    assert again.get(np.array([7, 1])).tolist() == [[3.5, 3.5], [0.5, 0.5]]
    assert asked == [3, 7, 1]


def pool() -> ImageQueries:
    true = [Query(0, "attribute", f"the star {k}", ACCEPT, (k,)) for k in range(4)]
    return ImageQueries(true, [Query(0, "false-stuff", "the sky", REJECT)], [], [])


def test_questions_for_several_name_different_targets_in_the_order_of_the_answer():
    for seed in range(20):
        query = several(pool().true, np.random.default_rng(seed))
        assert len(set(query.targets)) == len(query.targets) in (2, 3)
        assert query.text.count(" and ") == len(query.targets) - 1
        said = [int(part.split()[2]) for part in query.answer.rstrip(".").split(" and ")]
        assert tuple(said) == query.targets
        assert query.answer.count("[SEG]") == len(query.targets)
    assert several(pool().true[:1], np.random.default_rng(0)) is None


def test_a_sample_never_repeats_a_phrase_and_fills_missing_kinds():
    shares = Sampling(several=0.0, relation=0.5)
    chosen = sample(pool(), 8, shares, np.random.default_rng(1))
    texts = [q.text for q in chosen]
    assert len(texts) == len(set(texts)) and set(texts) <= {q.text for q in pool().true + pool().false}
