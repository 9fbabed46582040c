import { describe, expect, it } from 'vitest';
import { createNamer } from './file-names.js';

describe('createNamer', () => {
  it('keeps plain names and replaces what file systems refuse', () => {
    const name = createNamer();
    expect(name('dir/photo 1.jpg')).toBe('photo-1');
    expect(name('..\\..:evil?*.png')).toBe('evil');
    expect(name('Übersicht.png')).toBe('Übersicht');
    expect(name('***.png')).toBe('image');
    expect(name(`${'x'.repeat(300)}.png`)).toHaveLength(80);
  });

  it('gives every image a name of its own, whatever the case', () => {
    const name = createNamer();
    expect([name('a/x.png'), name('b/x.png'), name('c/X.jpg')]).toEqual(['x', 'x-2', 'X-3']);
  });
});
