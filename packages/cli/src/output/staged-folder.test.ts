import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { OWNER_TAG } from '@maskloom/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MARKER } from './marker.js';
import { stageFolder } from './staged-folder.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'maskloom-staged-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const RESERVED = ['report.html', 'overlays'];
async function fill(out: string, files: Readonly<Record<string, string>>): Promise<void> {
  const staged = stageFolder(out, RESERVED);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(staged.path, name, '..'), { recursive: true });
    writeFileSync(join(staged.path, name), text);
  }
  await staged.commit();
}

describe('stageFolder', () => {
  it('makes a folder appear whole, with its parents', async () => {
    const out = join(root, 'a/b');
    const staged = stageFolder(out, RESERVED);
    writeFileSync(join(staged.path, 'report.html'), 'x');
    expect(existsSync(out)).toBe(false);
    await staged.commit();
    expect(readdirSync(out).sort()).toEqual([MARKER, 'report.html']);
    expect(readdirSync(join(root, 'a'))).toEqual(['b']);
  });

  it('leaves nothing behind when given up, parents included', async () => {
    const staged = stageFolder(join(root, 'a/b/c'), RESERVED);
    writeFileSync(join(staged.path, 'report.html'), 'x');
    staged.discard();
    staged.discard();
    expect(readdirSync(root)).toEqual([]);
  });

  it('replaces what an earlier run wrote and keeps everything else', async () => {
    const out = join(root, 'out');
    await fill(out, { 'report.html': 'old', 'overlays/a/x.png': 'old', 'overlays/b/x.png': 'old' });
    writeFileSync(join(out, 'notes.txt'), 'mine');
    writeFileSync(join(out, 'overlays/a/mine.png'), 'mine');
    await fill(out, { 'report.html': 'new', 'overlays/c/x.png': 'new' });
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toBe('new');
    expect(readFileSync(join(out, 'notes.txt'), 'utf8')).toBe('mine');
    expect(readdirSync(join(out, 'overlays')).sort()).toEqual(['a', 'c']);
    expect(readdirSync(join(out, 'overlays/a'))).toEqual(['mine.png']);
    expect(readdirSync(out).sort()).toEqual([MARKER, 'notes.txt', 'overlays', 'report.html']);
  });

  it('fills an existing folder of other content without touching it', async () => {
    writeFileSync(join(root, 'photo.jpg'), 'mine');
    await fill(root, { 'report.html': 'new' });
    expect(readFileSync(join(root, 'photo.jpg'), 'utf8')).toBe('mine');
    expect(existsSync(join(root, 'report.html'))).toBe(true);
  });

  it('refuses a folder that holds a file of another origin by one of its names, before anything is written', async () => {
    writeFileSync(join(root, 'report.html'), 'mine');
    expect(() => stageFolder(root, RESERVED)).toThrow(
      expect.objectContaining({ code: 'OUTPUT_UNWRITABLE', message: expect.stringContaining('report.html') }),
    );
    expect(readdirSync(root)).toEqual(['report.html']);
  });

  it('refuses to overwrite a foreign file inside a folder of its own', async () => {
    const out = join(root, 'out');
    await fill(out, { 'report.html': 'old', 'overlays/a/x.png': 'old' });
    writeFileSync(join(out, 'overlays/a/y.png'), 'mine');
    const staged = stageFolder(out, RESERVED);
    mkdirSync(join(staged.path, 'overlays/a'), { recursive: true });
    writeFileSync(join(staged.path, 'overlays/a/y.png'), 'new');
    await expect(staged.commit()).rejects.toThrow(expect.objectContaining({ code: 'OUTPUT_UNWRITABLE' }));
    staged.discard();
    expect(readFileSync(join(out, 'overlays/a/y.png'), 'utf8')).toBe('mine');
    expect(readFileSync(join(out, 'report.html'), 'utf8')).toBe('old');
    expect(readdirSync(out).sort()).toEqual([MARKER, 'overlays', 'report.html']);
  });

  it('refuses a file as folder, and a folder below a file', async () => {
    writeFileSync(join(root, 'file'), '');
    for (const out of [join(root, 'file'), join(root, 'file/below')]) {
      expect(() => stageFolder(out, RESERVED)).toThrow(
        expect.objectContaining({ code: 'OUTPUT_UNWRITABLE' }),
      );
    }
  });

  it('ignores a marker that points out of the folder', async () => {
    const out = join(root, 'out');
    await fill(out, { 'report.html': 'old' });
    writeFileSync(join(root, 'precious'), 'mine');
    writeFileSync(
      join(out, MARKER),
      JSON.stringify({ schema: 'maskloom.output/1', files: ['report.html', '../precious'] }),
    );
    await fill(out, { 'report.html': 'new' });
    expect(readFileSync(join(root, 'precious'), 'utf8')).toBe('mine');
  });

  it('clears what dead processes of this machine left behind', async () => {
    const host = OWNER_TAG.slice(OWNER_TAG.indexOf('-') + 1);
    const name = (owner: string): string => join(root, `.out.maskloom-partial-${owner}-0`);
    const others = [OWNER_TAG, `${2 ** 22 + 1}-00000000`];
    for (const owner of [`${2 ** 22 + 1}-${host}`, ...others]) mkdirSync(name(owner));
    stageFolder(join(root, 'new'), RESERVED).discard();
    // Its own, and those of another machine, whose processes cannot be seen from here, stay.
    expect(readdirSync(root)).toEqual(others.map((owner) => basename(name(owner))).sort());
  });
});
