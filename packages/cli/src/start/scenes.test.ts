import { makeScene } from '@maskloom/synth';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chooseQuestion } from './choose-question.js';
import { FIRST_SEED, freeScenes, writeScenes } from './write-scenes.js';

describe('chooseQuestion', () => {
  const scenes = Array.from({ length: 12 }, (_, i) => makeScene(FIRST_SEED + i, 128, 128));

  it('asks for something that is there, except for a false premise', () => {
    for (const scene of scenes) {
      const ids = [...scene.things, ...scene.stuff].map((one) => one.id);
      expect(ids).toContain(chooseQuestion(scene, 'attribute').segment);
      expect(chooseQuestion(scene, 'false premise').segment).toBeUndefined();
      expect(chooseQuestion(scene, 'reasoning').text).not.toBe('');
    }
  });

  it('gives the same question for the same scene', () => {
    for (const scene of scenes)
      expect(chooseQuestion(scene, 'relation')).toEqual(chooseQuestion(scene, 'relation'));
  });
});

describe('freeScenes', () => {
  it('asks nothing of some scenes and knows every region of them by name', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'maskloom-start-'));
    try {
      const free = freeScenes(await writeScenes(folder));
      expect(free.length).toBeGreaterThanOrEqual(3);
      for (const { task, text, truth } of free) {
        expect([task, text]).toEqual(['free', '']);
        const segments = truth?.segments ?? [];
        expect(segments.length).toBeGreaterThan(1);
        const [height = 0, width = 0] = segments[0]?.mask.size ?? [];
        // Every pixel belongs to exactly one of them.
        expect(segments.reduce((sum, { area }) => sum + area, 0)).toBe(width * height);
        for (const { label } of segments) expect(label).toMatch(/^[a-z ]+$/);
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
