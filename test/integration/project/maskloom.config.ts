import { defineAblation } from '@maskloom/eval';
import { defineConfig } from 'maskloom';

const points = (stage: string, options: Record<string, number> = {}) => ({
  stages: { PointPrompter: { stage, options } },
});

export default defineConfig({
  plugins: ['./central-point.ts'],
  data: { scenes: { folder: 'scenes' } },
  defaults: { device: 'cpu' },
  ablations: [
    defineAblation({
      id: 'mine/points',
      title: 'Where points come from',
      data: { synthetic: { val: { seed: 8_210_000, count: 3 } }, real: {} },
      rows: [
        { label: 'similarity', recipe: 'read/points' },
        { label: 'the middle', recipe: 'read/points', overrides: points('newcomer/central-point') },
      ],
      columns: [
        { label: 'cIoU', synthetic: { part: 'val', protocol: 'referring', figure: 'cIoU all' } },
        { label: 'nothing', synthetic: { part: 'val', protocol: 'referring', figure: 'no such figure' } },
      ],
    }),
  ],
});
