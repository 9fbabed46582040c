"""SAM-tiny's shape: the options of a configuration file's "model" object, and the SamConfig that they make."""

from dataclasses import asdict, dataclass
from typing import Any

from transformers import SamConfig


@dataclass(frozen=True)
class SamTinyConfig:
    """Widths and depths. `stem` is "conv" (small convolutions) or "patch" (SAM's own single patch projection)."""

    image_size: int = 128
    patch_size: int = 8
    hidden: int = 128
    layers: int = 4
    heads: int = 4
    mlp_ratio: int = 3
    window: int = 0
    global_layers: tuple[int, ...] = ()
    relative_positions: bool = False
    stem: str = "conv"
    stem_width: int = 32
    activation: str = "gelu"
    embed: int = 64
    decoder_layers: int = 2
    decoder_heads: int = 4
    decoder_mlp: int = 256
    iou_hidden: int = 64

    @staticmethod
    def from_dict(values: dict[str, Any]) -> "SamTinyConfig":
        """Raises ValueError for a name that is not an option or a stem that does not exist."""
        unknown = sorted(set(values) - set(SamTinyConfig.__dataclass_fields__))
        if unknown:
            raise ValueError(f"Unknown SAM option(s) {unknown}; options: {sorted(SamTinyConfig.__dataclass_fields__)}.")
        config = SamTinyConfig(**{k: tuple(v) if k == "global_layers" else v for k, v in values.items()})
        if config.stem not in ("conv", "patch"):
            raise ValueError(f"model.stem is {config.stem!r}; it must be 'conv' or 'patch'.")
        return config

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "global_layers": list(self.global_layers)}

    @property
    def grid(self) -> int:
        """Cells per side of the image embedding."""
        return self.image_size // self.patch_size

    @property
    def mask_size(self) -> int:
        """Side of the low-resolution masks: four times the grid."""
        return 4 * self.grid

    def hugging_face(self, attention: str = "sdpa") -> SamConfig:
        """The SamConfig. `attention` is "sdpa" (fast) or "eager" (plain operators, for export)."""
        config = SamConfig(
            vision_config={
                "hidden_size": self.hidden,
                "output_channels": self.embed,
                "num_hidden_layers": self.layers,
                "num_attention_heads": self.heads,
                "image_size": self.image_size,
                "patch_size": self.patch_size,
                "hidden_act": self.activation,
                "initializer_range": 0.02,
                "mlp_dim": self.hidden * self.mlp_ratio,
                "use_rel_pos": self.relative_positions,
                "window_size": self.window,
                "global_attn_indexes": list(self.global_layers),
                "num_pos_feats": self.embed // 2,
            },
            prompt_encoder_config={
                "hidden_size": self.embed,
                "image_size": self.image_size,
                "patch_size": self.patch_size,
                "hidden_act": self.activation,
            },
            mask_decoder_config={
                "hidden_size": self.embed,
                "mlp_dim": self.decoder_mlp,
                "num_hidden_layers": self.decoder_layers,
                "num_attention_heads": self.decoder_heads,
                "iou_head_hidden_dim": self.iou_hidden,
            },
        )
        # The class sets this to half the encoder's width, far too high a frequency; the SAM paper's code uses 1.
        config.vision_config.scale = 1.0
        config._attn_implementation = attention
        return config
