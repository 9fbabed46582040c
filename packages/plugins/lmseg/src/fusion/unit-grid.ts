import type { FeatureMap } from '@maskloom/core';

/**
 * Features of either layout as [width, rows, columns], each cell divided by its length (a cell of zeros stays so).
 * @returns row-major, channels outermost
 */
export async function unitGrid(features: FeatureMap): Promise<Float32Array> {
  const { layout, rows, columns, width } = features;
  const values = await features.tensor.read();
  const cells = rows * columns;
  const [perChannel, perCell] = layout === 'grid' ? [cells, 1] : [1, width];
  const out = new Float32Array(width * cells);
  for (let cell = 0; cell < cells; cell++) {
    let sum = 0;
    for (let c = 0; c < width; c++) sum += (values[c * perChannel + cell * perCell] ?? 0) ** 2;
    const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
    for (let c = 0; c < width; c++)
      out[c * cells + cell] = (values[c * perChannel + cell * perCell] ?? 0) * scale;
  }
  return out;
}
