"""SigLIP embedding loss (ROSE section 3.5, item 4): InfoNCE of patch embeddings against SigLIP text embeddings.

L_sig = -mean_i log( sum_{t fits i} exp(s <e_i, y_t>) / sum_t exp(s <e_i, y_t>) ), y_t the text tower's embeddings of
all descriptions of the batch.
"""

import torch


def info_nce_loss(
    embeddings: torch.Tensor, texts: torch.Tensor, positive: torch.Tensor, scale: torch.Tensor | float
) -> torch.Tensor:
    """embeddings [n,E] and texts [t,E] of unit length, positive bool [n,t] with one true per row at least -> scalar."""
    logits = scale * embeddings @ texts.T
    inside = logits.masked_fill(~positive, float("-inf")).logsumexp(dim=1)
    return (logits.logsumexp(dim=1) - inside).mean()
