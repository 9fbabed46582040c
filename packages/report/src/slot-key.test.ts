import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SLOTS } from '@maskloom/core';
import { describe, expect, it } from 'vitest';
import { inlineAssets } from './inline.js';
import { inFlow, slotClass } from './template/slot-key.js';
import { openReport } from './write-report.js';

describe('slots in a report', () => {
  it('have a colour each, those of other packages too', async () => {
    const style = (await inlineAssets(1)).style.text;
    const names = [...SLOTS.map(({ name }) => name), 'DepthEstimator', 'Tracker', 'A', 'B', 'C', 'D', 'E'];
    for (const name of names) expect(style).toContain(`.${slotClass(name)}`);
    expect(slotClass('MaskDecoder')).toBe('slot-MaskDecoder');
    expect(slotClass('DepthEstimator')).toMatch(/^slot-other-\d$/);
  });

  it('are named in the order of flow', () => {
    const seen = new Set(['DepthEstimator', 'MaskDecoder', 'Encoder']);
    expect(inFlow(seen)).toEqual(['Encoder', 'MaskDecoder', 'DepthEstimator']);
    expect(inFlow(seen, ['Encoder', 'DepthEstimator', 'VisionEncoder', 'MaskDecoder'])).toEqual([
      'Encoder',
      'DepthEstimator',
      'MaskDecoder',
    ]);
  });

  it('of other packages stand in the bars and in the key', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'maskloom-slots-'));
    try {
      const report = await openReport(join(folder, 'report.html'), {
        title: 't',
        columns: [{ id: 'depth/toy' }],
        facts: [],
        truth: false,
        slots: ['Encoder', 'DepthEstimator'],
      });
      const request = { task: 'free' } as const;
      const stage = (slot: string) => ({ slot, stage: `x/${slot}`, ms: 3, device: 'js' });
      await report.addRow({
        image: { width: 2, height: 2, rgb: new Uint8Array(12), sha256: '00' },
        name: 'picture',
        request,
        cells: [
          {
            column: 'depth/toy',
            prediction: {
              system: 'depth',
              recipe: 'toy',
              request,
              answer: '',
              segments: [],
              stages: [stage('DepthEstimator'), stage('Encoder')],
              warnings: [],
            },
          },
        ],
      });
      await report.finish();
      const page = await readFile(join(folder, 'report.html'), 'utf8');
      const key = page.slice(page.indexOf('Stages in the time bars'));
      expect(key.indexOf('Encoder</span>')).toBeLessThan(key.indexOf('DepthEstimator</span>'));
      expect(page).toContain(`<rect\n      class="${slotClass('DepthEstimator')}"`);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
