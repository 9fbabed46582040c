"""Loss functions shared by the stages."""

from .bce import mask_bce_loss
from .dice import mask_dice_loss

__all__ = ["mask_bce_loss", "mask_dice_loss"]
