import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fakeHost } from '../conformance/index.js';
import { readPreset } from './read-preset.js';

const schema = z.object({ side: z.number().int().positive(), mode: z.enum(['a', 'b']).default('a') });

describe('readPreset', () => {
  it('gives the constants with their defaults', () => {
    expect(readPreset(fakeHost({ presets: { sam: { side: 128 } } }), 'sam', schema)).toEqual({
      side: 128,
      mode: 'a',
    });
  });

  it('names the bundle, the group and the field of a wrong one', () => {
    const models = fakeHost({ presets: { sam: { side: -1 } } });
    expect(() => readPreset(models, 'sam', schema)).toThrow(
      expect.objectContaining({ code: 'BUNDLE_INVALID', where: `${models.bundle}: presets.sam.side` }),
    );
  });
});
