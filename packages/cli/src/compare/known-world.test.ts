import { describe, expect, it } from 'vitest';
import { worldNote } from './known-world.js';

describe('worldNote', () => {
  it('says of a bundle trained on generated scenes that it knows nothing else', () => {
    const note = worldNote({ name: 'tiny', origin: { data: { generator: 'maskloom data synth', seed: 1 } } });
    expect(note).toContain("the bundle 'tiny' know only the generated scenes");
  });

  it.each([{}, { data: 'COCO' }, { data: null }, { data: { name: 'COCO' } }])(
    'says nothing of %j',
    (origin) => {
      expect(worldNote({ name: 'real', origin })).toBeUndefined();
    },
  );
});
