"""SAM-tiny's modules: Hugging Face's SamModel with a mask decoder that gives all four masks and an optional stem."""

import math

import torch
from torch import nn
from transformers import SamModel
from transformers.models.sam.modeling_sam import SamMaskDecoder

from .config import SamTinyConfig

PAD_LABEL = -1
BOX_LABELS = (2, 3)


class ConvStem(nn.Module):
    """In place of SAM's patch projection: three strided convolutions and two residual blocks, GroupNorm, ReLU.

    pixel_values [B, 3, S, S] -> [B, S/8, S/8, hidden] (the layout of SamPatchEmbeddings). A plain
    8x8 projection has to learn local texture from nothing, which a short run cannot afford.
    """

    def __init__(self, config: SamTinyConfig):
        super().__init__()
        if config.patch_size != 8:
            raise ValueError("The convolutional stem reduces by 8; set model.patch_size to 8 or model.stem to 'patch'.")
        width = config.stem_width
        self.conv1 = nn.Conv2d(3, width, 3, stride=2, padding=1)
        self.norm1 = nn.GroupNorm(8, width)
        self.conv2 = nn.Conv2d(width, 2 * width, 3, stride=2, padding=1)
        self.norm2 = nn.GroupNorm(8, 2 * width)
        self.block = ResidualBlock(2 * width)
        self.conv3 = nn.Conv2d(2 * width, config.hidden, 3, stride=2, padding=1)
        self.norm3 = nn.GroupNorm(8, config.hidden)
        self.last = ResidualBlock(config.hidden)

    def forward(self, pixel_values: torch.Tensor) -> torch.Tensor:
        x = torch.relu(self.norm1(self.conv1(pixel_values)))
        x = self.block(torch.relu(self.norm2(self.conv2(x))))
        x = self.last(torch.relu(self.norm3(self.conv3(x))))
        return x.permute(0, 2, 3, 1)


class ResidualBlock(nn.Module):
    """x + conv(relu(norm(conv(x)))), then ReLU; [B, C, H, W] both ways."""

    def __init__(self, width: int):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.norm = nn.GroupNorm(8, width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x + self.conv2(torch.relu(self.norm(self.conv1(x)))))


class AllMasksDecoder(SamMaskDecoder):
    """SAM's mask decoder, with a forward that returns all its masks and takes one dense prompt per query.

    The parameters and their names are SamMaskDecoder's, so state dicts pass between the two.
    """

    def decode(
        self, image_embeddings: torch.Tensor, positions: torch.Tensor, sparse: torch.Tensor, dense: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """image_embeddings [N or 1, C, h, w], positions [1, C, h, w], sparse [N, T, C], dense [N, C, h, w]
        -> (mask logits [N, 4, 4h, 4w], predicted IoU [N, 4]); mask 0 is the single-mask output.
        """
        return self.decode_with_tokens(image_embeddings, positions, sparse, dense)[:2]

    def decode_with_tokens(
        self, image_embeddings: torch.Tensor, positions: torch.Tensor, sparse: torch.Tensor, dense: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """As `decode`, and what the two-way transformer leaves: the tokens [N, 5 + T, C] (quality, four masks,
        then `sparse` in its order) and the image's cells [N, h * w, C], row-major.
        """
        count, channels, height, width = dense.shape
        own = torch.cat([self.iou_token.weight, self.mask_tokens.weight], dim=0)
        tokens = torch.cat([own[None].expand(count, -1, -1), sparse], dim=1)[:, None]
        keys = image_embeddings + dense
        point_states, keys = self.transformer(
            point_embeddings=tokens,
            image_embeddings=keys,
            image_positional_embeddings=positions.expand(count, -1, -1, -1),
            attention_similarity=None,
        )
        point_states, keys = point_states[:, 0], keys[:, 0]
        grid = keys.transpose(1, 2).reshape(count, channels, height, width)
        up = self.activation(self.upscale_layer_norm(self.upscale_conv1(grid)))
        up = self.activation(self.upscale_conv2(up))
        weights = torch.stack(
            [mlp(point_states[:, 1 + i]) for i, mlp in enumerate(self.output_hypernetworks_mlps)], dim=1
        )
        masks = (weights @ up.flatten(2)).reshape(count, self.num_mask_tokens, 4 * height, 4 * width)
        return masks, self.iou_prediction_head(point_states[:, 0]), point_states, keys


class SamTiny(SamModel):
    """SamModel with `AllMasksDecoder` and, when configured, a convolutional stem.

    The random Fourier matrix of the positional encoding is fixed, as in SAM.
    """

    def __init__(self, tiny: SamTinyConfig, attention: str = "sdpa"):
        config = tiny.hugging_face(attention)
        super().__init__(config)
        self.tiny = tiny
        if tiny.stem == "conv":
            self.vision_encoder.patch_embed = ConvStem(tiny)
        self.mask_decoder = AllMasksDecoder(config.mask_decoder_config)
        _upstream_initialisation(self)
        self.shared_image_embedding.positional_embedding.requires_grad_(False)
        self.prompt_encoder.shared_embedding = self.shared_image_embedding

    def encode(self, pixel_values: torch.Tensor) -> torch.Tensor:
        """Normalised, padded pictures [B, 3, S, S] -> image embeddings [B, C, h, w] (with gradients)."""
        encoder = self.vision_encoder
        hidden = encoder.patch_embed(pixel_values)
        if encoder.pos_embed is not None:
            hidden = hidden + encoder.pos_embed
        for layer in encoder.layers:
            hidden = layer(hidden)
        return encoder.neck(hidden)

    def positions(self) -> torch.Tensor:
        """Positional encoding of the grid's cell centres, [1, C, h, w]."""
        grid = self.tiny.grid
        matrix = self.shared_image_embedding.positional_embedding
        centres = (torch.arange(grid, device=matrix.device, dtype=matrix.dtype) + 0.5) / grid
        points = torch.stack([centres.expand(grid, grid), centres[:, None].expand(grid, grid)], dim=-1)
        return self._fourier(points).permute(2, 0, 1)[None]

    def _fourier(self, points: torch.Tensor) -> torch.Tensor:
        """SAM's random Fourier features of (x, y) in 0..1: [..., 2] -> [..., C], sines then cosines."""
        turns = (2 * points - 1) @ self.shared_image_embedding.positional_embedding
        return torch.cat([sine_of_turns(turns), sine_of_turns(turns + 0.25)], dim=-1)

    def embed_points(self, coords: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        """coords [N, P, 2] (x, y in 0..S, before the +0.5), labels [N, P] -> [N, P, C].

        Labels: 1 positive, 0 negative, -1 not a point (no position), 2 and 3 a box's top-left and bottom-right corner.
        """
        encoder = self.prompt_encoder
        code = self._fourier((coords + 0.5) / encoder.input_image_size)
        labels = labels[..., None]
        kinds = [encoder.point_embed[i].weight for i in range(4)]
        out = code * (labels != PAD_LABEL).to(code.dtype)
        out = out + (labels == PAD_LABEL).to(code.dtype) * encoder.not_a_point_embed.weight
        for i, kind in enumerate(kinds):
            out = out + (labels == i).to(code.dtype) * kind
        return out

    def embed_masks(self, mask_input: torch.Tensor, has_mask: torch.Tensor) -> torch.Tensor:
        """Previous mask logits [N, 1, 4h, 4w] and 0/1 flags [N] -> dense prompts [N, C, h, w]."""
        flags = has_mask.view(-1, 1, 1, 1)
        none = self.prompt_encoder.no_mask_embed.weight.view(1, -1, 1, 1)
        return self.prompt_encoder.mask_embed(mask_input) * flags + none * (1 - flags)

    def no_mask(self, count: int) -> torch.Tensor:
        """The dense prompt of `count` queries without a previous mask, [count, C, h, w]."""
        grid = self.tiny.grid
        return self.prompt_encoder.no_mask_embed.weight.view(1, -1, 1, 1).expand(count, -1, grid, grid)

    def decode(
        self, image_embeddings: torch.Tensor, sparse: torch.Tensor, dense: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """As `AllMasksDecoder.decode`."""
        return self.mask_decoder.decode(image_embeddings, self.positions(), sparse, dense)

    def decode_with_tokens(
        self, image_embeddings: torch.Tensor, sparse: torch.Tensor, dense: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """As `AllMasksDecoder.decode_with_tokens`."""
        return self.mask_decoder.decode_with_tokens(image_embeddings, self.positions(), sparse, dense)


def sine_of_turns(turns: torch.Tensor) -> torch.Tensor:
    """sin(2 pi turns) to about 3e-7, by folding to a quarter turn and its Taylor series.

    The sine of some GPU back ends is a thousand times less exact (3e-3 in the mask logits was measured
    on WebGPU); sums, products, Abs and Floor are the same everywhere.
    """
    part = turns - torch.floor(turns + 0.5)
    folded = torch.abs(part + 0.25) - torch.abs(part - 0.25) - part
    x = 2 * math.pi * folded
    square = x * x
    series = torch.full_like(square, 1 / math.factorial(13))
    for n in (11, 9, 7, 5, 3, 1):
        series = series * square + (-1) ** ((n - 1) // 2) / math.factorial(n)
    return x * series


def with_pad_point(coords: torch.Tensor, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Appends SAM's pad point (0, 0, -1), which goes with points that come without a box."""
    zeros = torch.zeros_like(coords[:, :1])
    pads = torch.full_like(labels[:, :1], PAD_LABEL)
    return torch.cat([coords, zeros], dim=1), torch.cat([labels, pads], dim=1)


def _upstream_initialisation(model: nn.Module) -> None:
    """PyTorch's own initialisation, as SAM's published code has it: Hugging Face's 0.02 (meant for loading
    published weights) leaves a tiny model's prompts almost invisible and its start slow."""
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d, nn.Embedding, nn.LayerNorm, nn.GroupNorm)):
            module.reset_parameters()
    nn.init.normal_(model.shared_image_embedding.positional_embedding, std=model.shared_image_embedding.scale)
    if model.vision_encoder.pos_embed is not None:
        nn.init.normal_(model.vision_encoder.pos_embed, std=0.02)
