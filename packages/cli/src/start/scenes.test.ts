import { makeScene } from '@maskloom/eval';
import { describe, expect, it } from 'vitest';
import { chooseQuestion } from './choose-question.js';
import { FIRST_SEED } from './write-scenes.js';

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
