import { maskArea } from '@maskloom/core';
import { INVENTED, STUFF } from '@maskloom/synth';
import { describe, expect, it } from 'vitest';
import { semanticScenes } from './semantic-scenes.js';

describe('semanticScenes', () => {
  const sizes = Array.from({ length: 12 }, () => [64, 48] as const);
  const scenes = sizes.map((_, i) => ({ path: `scene ${i}` }));
  const rows = semanticScenes(scenes, sizes, 8_900_000);

  it('asks for a list of classes and knows each by its mask', () => {
    expect(rows.length).toBeGreaterThanOrEqual(5);
    for (const { task, labels = [], truth } of rows) {
      expect(task).toBe('semantic');
      const segments = truth?.segments ?? [];
      expect(segments.length).toBeGreaterThan(0);
      expect(new Set(segments.map(({ label }) => label)).size).toBe(segments.length);
      for (const { label, area, mask } of segments) {
        expect(labels).toContain(label);
        expect(maskArea(mask)).toBe(area);
        expect(mask.size).toEqual([48, 64]);
      }
    }
  });

  it('gives things of some rows their made-up names', () => {
    const invented = rows.filter(({ kind }) => kind === 'made-up names');
    expect(invented.map(({ labels }) => labels?.length)).toEqual(
      invented.map(() => INVENTED.length + STUFF.length),
    );
    expect(invented.length).toBeGreaterThan(0);
  });
});
