import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePng } from '@maskloom/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../program.js';

const root = mkdtempSync(join(tmpdir(), 'maskloom-max-pixels-'));
const picture = join(root, 'photo.png');
beforeAll(async () => {
  await writePng(picture, new Uint8Array(12 * 8), { width: 12, height: 8 });
  const shape = {
    label: 'cat',
    shape_type: 'rectangle',
    points: [
      [1, 1],
      [4, 4],
    ],
  };
  writeFileSync(join(root, 'photo.json'), JSON.stringify({ imagePath: 'photo.png', shapes: [shape] }));
});
afterAll(() => rmSync(root, { recursive: true }));

async function said(...args: readonly string[]): Promise<{ code: number; text: string }> {
  let text = '';
  const take = (piece: string): void => void (text += piece);
  const signal = new AbortController().signal;
  const code = await runCommand(args, {
    out: take,
    note: take,
    warn: take,
    progress: () => undefined,
    signal,
  });
  return { code, text };
}

describe('--max-pixels', () => {
  it.each([
    ['segment', 'photo.png', '--system', 'sam/prompted', '--box', '1,1,4,4', '--device', 'cpu', '--json'],
    [
      'compare',
      'photo.png',
      '--systems',
      'sam/prompted',
      '--box',
      '1,1,4,4',
      '--device',
      'cpu',
      '--out',
      'OUT',
    ],
    ['refine', 'photo.png', '--system', 'sam/prompted', '--box', '1,1,4,4', '--say', 'redraw it'],
    ['convert', '.', '--to', 'svg', '--out', 'OUT'],
    ['data', 'check', '.', '--format', 'labelme'],
    ['data', 'show', '.', '--format', 'labelme'],
  ])('holds for %s', async (...words) => {
    const places: Readonly<Record<string, string>> = {
      'photo.png': picture,
      '.': root,
      OUT: join(root, 'out'),
    };
    const args = words.map((word) => places[word] ?? word);
    const { code, text } = await said(...args, '--max-pixels', '95');
    expect(code).toBe(1);
    expect(text).toMatch(/at most 95 are read/);
  });

  it.each(['eval', 'ablate', 'figures', 'studio'])('is an option of %s', async (command) => {
    expect((await said(command, '--help')).text).toContain('--max-pixels <n>');
  });
});
