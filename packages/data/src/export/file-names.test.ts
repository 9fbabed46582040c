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

  it('goes on counting names that are taken, past those that are called so themselves', () => {
    const name = createNamer();
    expect([name('x-3.png'), name('x.png'), name('a/x.png'), name('b/x.png'), name('c/x.png')]).toEqual([
      'x-3',
      'x',
      'x-2',
      'x-4',
      'x-5',
    ]);
    const last = Array.from({ length: 1000 }, (_, n) => name(`${n}/frame.png`)).at(-1);
    expect(last).toBe('frame-1000');
  });

  it('gives every image a name of its own, whatever the case', () => {
    const name = createNamer();
    expect([name('a/x.png'), name('b/x.png'), name('c/X.jpg')]).toEqual(['x', 'x-2', 'X-3']);
  });
});
