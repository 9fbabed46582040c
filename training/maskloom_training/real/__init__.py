"""Training at real size: published widths, published layouts of data and weights, many GPUs."""
