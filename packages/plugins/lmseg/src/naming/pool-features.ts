import { decodeMask, type DenseView, type MaskSet, type TilePlan } from '@maskloom/core';
import { unitGrid } from '../fusion/unit-grid.js';

/** Features of every view, read. */
interface ReadView {
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/**
 * The mean feature of each mask, of length 1: every pixel of the mask votes with the cell that it lies in, in every view
 * that sees it. A mask without pixels has a vector of zeros.
 * @returns row-major [masks, width]
 */
export async function poolFeatures(
  { image, masks }: MaskSet,
  plan: TilePlan,
  views: readonly DenseView[],
): Promise<{ readonly values: Float32Array; readonly width: number }> {
  const width = views[0]?.fused.features.width ?? 0;
  const read: ReadView[] = [];
  for (const { fused } of views) {
    const { rows, columns } = fused.features;
    read.push({ values: await unitGrid(fused.features), rows, columns });
  }
  const scaleX = plan.canvas.width / image.width;
  const scaleY = plan.canvas.height / image.height;
  const values = new Float32Array(masks.length * width);
  masks.forEach((mask, n) => {
    const { pixels } = decodeMask(mask, `mask ${n}`);
    const sum = new Float64Array(width);
    plan.views.forEach((view, v) => {
      const { rows, columns, values: features } = read[v] as ReadView;
      // A global view sees the canvas at its own scale, a window as it is.
      const across = (view.kind === 'global' ? plan.canvas.width : view.image.width) / columns;
      const down = (view.kind === 'global' ? plan.canvas.height : view.image.height) / rows;
      const votes = new Float64Array(rows * columns);
      for (let at = 0; at < pixels.length; at++) {
        if (pixels[at] === 0) continue;
        const x = Math.floor((((at % image.width) + 0.5) * scaleX - view.x) / across);
        const y = Math.floor(((Math.floor(at / image.width) + 0.5) * scaleY - view.y) / down);
        if (x < 0 || y < 0 || x >= columns || y >= rows) continue;
        votes[y * columns + x] = (votes[y * columns + x] as number) + 1;
      }
      votes.forEach((vote, cell) => {
        if (vote === 0) return;
        for (let c = 0; c < width; c++)
          sum[c] = (sum[c] as number) + vote * (features[c * rows * columns + cell] as number);
      });
    });
    const length = Math.hypot(...sum);
    if (length > 0) sum.forEach((value, c) => (values[n * width + c] = value / length));
  });
  return { values, width };
}
