"""LMSeg's modules: what each fusion reduces to, what reordering and chunking classes change, CAT-Seg's dense CLIP."""

import pytest
import torch
from tiny_lmseg import encoders, lmseg
from torch.nn import functional as F

from maskloom_training.lmseg.classes import ClassEnhancement
from maskloom_training.lmseg.dense_clip import ClipText, DenseClip
from maskloom_training.lmseg.fusion import Fusion, cosine_cost
from maskloom_training.lmseg.model import CAPPED
from maskloom_training.lmseg.settings import FUSIONS, WEIGHTED, LmsegSettings
from maskloom_training.lmseg.spatial import shift_mask
from maskloom_training.lmseg.train import masked_bce
from maskloom_training.lmseg.tuning import CHOICES, choose_trained


def maps(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(2, 64, 24, generator=generator), torch.randn(2, 32, 8, 8, generator=generator)


def views(count: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    return tuple(torch.randn(count, 3, 64, 64, generator=generator) for _ in range(2))


def texts(count: int, seed: int = 1) -> torch.Tensor:
    return F.normalize(torch.randn(count, 24, generator=torch.Generator().manual_seed(seed)), dim=-1)


@pytest.mark.parametrize("kind", WEIGHTED)
def test_weight_one_is_clip_alone_and_zero_is_sam_alone(kind):
    torch.manual_seed(0)
    fusion, (clip, sam) = Fusion(kind, 24, 32, 8), maps()
    alone = Fusion("sam", 24, 32, 8)
    alone.project.load_state_dict(fusion.project.state_dict())
    one, zero = torch.ones_like(fusion.free), torch.zeros_like(fusion.free)
    assert (fusion.fuse(clip, sam, one) - Fusion("clip", 24, 32, 8)(clip, None)).abs().max() < 1e-6
    assert (fusion.fuse(clip, sam, zero) - alone(None, sam)).abs().max() < 1e-6
    assert (fusion(clip, sam) - fusion.fuse(clip, sam, one)).abs().max() > 1e-2


@pytest.mark.parametrize("kind", FUSIONS)
def test_every_fusion_gives_unit_vectors_on_clips_grid(kind):
    torch.manual_seed(0)
    clip, sam = maps()
    fused = Fusion(kind, 24, 32, 8)(clip, F.interpolate(sam, (12, 12)))
    assert fused.shape == (2, 24, 8, 8)
    assert (fused.norm(dim=1) - 1).abs().max() < 1e-5


def test_the_cost_is_a_cosine():
    clip, sam = maps()
    fused, text = Fusion("clip", 24, 32, 8)(clip, sam), texts(5)
    cost = cosine_cost(fused, text)
    assert cost.shape == (2, 5, 8, 8)
    expected = F.cosine_similarity(clip[1, 3 * 8 + 6], text[4], dim=0)
    assert abs(float(cost[1, 4, 3, 6] - expected)) < 1e-6


@pytest.mark.parametrize("options", [{}, {"spatial": False}, {"classes": False}])
def test_reordering_the_classes_reorders_the_result(options):
    model, text, order = lmseg(**options), texts(7), torch.tensor([3, 0, 6, 1, 5, 2, 4])
    one, other = model(*views(), text), model(*views(), text[order])
    assert (one[:, order] - other).abs().max() < 1e-4
    assert (one - other).abs().max() > 1e-2


def test_classes_meet_only_in_the_class_enhancement():
    text = texts(6)
    for on in (False, True):
        model = lmseg(classes=on)
        apart = (model(*views(), text)[:, :2] - model(*views(), text[:2])).abs().max()
        assert (apart > 1e-3) == on


def test_class_sums_add_up_over_chunks():
    torch.manual_seed(0)
    layer = ClassEnhancement(16, 2, 4)
    x, guide = torch.randn(2, 10, 4, 4, 16), torch.randn(10, 16)
    parts = [slice(0, 1), slice(1, 7), slice(7, 10)]
    sums = [layer.sums(x[:, p], guide[p]) for p in parts]
    kv, k = sum(s[0] for s in sums), sum(s[1] for s in sums)
    chunked = torch.cat([layer.apply_sums(x[:, p], guide[p], kv, k) for p in parts], dim=1)
    assert (chunked - layer(x, guide)).abs().max() < 1e-5


def test_a_cap_keeps_the_classes_of_the_highest_cost():
    free, capped = lmseg(), lmseg(class_cap=3)
    text = texts(8)
    seen = free.look(*views())
    kept = cosine_cost(seen.fused, text)[0].flatten(1).amax(1).topk(3).indices.sort().values
    found = capped.classify(seen, text)
    assert (found[:, kept] - free.classify(seen, text[kept])).abs().max() < 1e-5
    left_out = [t for t in range(8) if t not in kept.tolist()]
    assert (found[:, left_out] == CAPPED).all()


def test_shifted_windows_attend_only_to_neighbours():
    mask = shift_mask(8, 4, 2).bool()
    assert not mask[0].any()
    # In the last window rows 4, 5 come from the bottom and rows 6, 7 from the top of the picture.
    assert mask[3][0, 15] and mask[3][0, 2] and not mask[3][0, 5]
    assert not shift_mask(8, 4, 0).any()


def test_the_full_block_is_clips_own_dense_embedding():
    clip, _ = encoders()
    pixels = views(2)[0]
    dense, tap1, tap2 = DenseClip(clip, LmsegSettings(last_block="full", post_norm=False, taps=(0, 1)))(pixels)
    states = clip(pixels)[0]
    assert (F.normalize(dense, dim=-1) - clip.dense(states)).abs().max() < 1e-5
    assert torch.equal(tap2, states) and tap1.shape == states.shape


def test_the_value_form_mixes_no_patches_in_the_last_block():
    clip, _ = encoders()
    settings = LmsegSettings(last_block="value", taps=(0, 1))
    module, layer = DenseClip(clip, settings), clip.clip.vision_model.encoder.layers[-1]
    before = module(views()[0])[0]
    with torch.no_grad():
        layer.self_attn.q_proj.weight.mul_(3)
    assert torch.equal(module(views()[0])[0], before)
    with torch.no_grad():
        layer.self_attn.v_proj.weight.mul_(3)
    assert not torch.allclose(module(views()[0])[0], before, atol=1e-3)


def test_the_text_graph_is_clips_text_tower_whatever_the_padding():
    clip, _ = encoders()
    ids = torch.tensor([[9, 20, 30, 3, 2, 2], [11, 3, 2, 2, 2, 2]])
    found = ClipText(clip)(ids, (ids != 2).long())
    assert (found - clip.text(ids)).abs().max() < 1e-5
    assert (ClipText(clip)(ids[1:, :2], torch.ones(1, 2).long()) - found[1:]).abs().max() < 1e-5


@pytest.mark.parametrize("choice", CHOICES)
def test_only_the_chosen_encoder_weights_are_trained(choice):
    clip, sam = encoders()
    choose_trained(clip, sam, choice)
    clip_names = {n for n, p in clip.named_parameters() if p.requires_grad}
    sam_names = {n for n, p in sam.named_parameters() if p.requires_grad}
    assert bool(clip_names) == (choice in ("clip", "both")) and bool(sam_names) == (choice in ("sam", "both"))
    assert all(n.endswith(("q_proj.weight", "v_proj.weight")) for n in clip_names)
    assert not clip_names or {n.split(".")[1] for n in clip_names} == {"text_model", "vision_model"}
    assert all("neck" in n or n.endswith("qkv.weight") for n in sam_names)


def test_unknown_pixels_do_not_count_unless_asked():
    torch.manual_seed(0)
    logits, target = torch.randn(1, 3, 4, 4), torch.zeros(1, 3, 4, 4)
    known = torch.zeros(1, 1, 4, 4, dtype=torch.bool)
    known[..., :2] = True
    expected = F.binary_cross_entropy_with_logits(logits[..., :2], target[..., :2])
    assert abs(float(masked_bce(logits, target, known) - expected)) < 1e-6
    all_negative = F.binary_cross_entropy_with_logits(logits, target)
    assert abs(float(masked_bce(logits, torch.ones_like(target) * ~known, known, True) - all_negative)) < 1e-6


def test_wrong_options_are_named():
    with pytest.raises(ValueError, match="fusion.*'blend'.*scalar"):
        LmsegSettings(fusion="blend")
    with pytest.raises(ValueError, match="widht"):
        LmsegSettings.from_dict({"widht": 3})
