import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expandInputs } from './expand-inputs.js';
import { queryFor, readQueries } from './read-queries.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maskloom-inputs-'));
  await mkdir(join(folder, 'sub.png'));
  for (const name of ['b.png', 'a.JPG', 'notes.txt', 'odd [1].png']) await writeFile(join(folder, name), '');
});
afterAll(() => rm(folder, { recursive: true }));

const expand = async (...inputs: string[]) =>
  (await expandInputs(inputs)).map((one) =>
    'error' in one ? one.error.code : one.path.slice(folder.length + 1),
  );

describe('expandInputs', () => {
  it('takes the images directly in a folder, sorted, and nothing else', async () => {
    expect(await expand(folder)).toEqual(['a.JPG', 'b.png', 'odd [1].png']);
  });

  it('names what it passes over in a folder', async () => {
    await writeFile(join(folder, '._a.JPG'), '');
    const skipped: string[] = [];
    await expandInputs([folder], (path, reason) =>
      skipped.push(`${path.slice(folder.length + 1)}: ${reason}`),
    );
    expect(skipped.sort()).toEqual([
      "._a.JPG: a file of macOS that holds another file's attributes",
      'notes.txt: not an image by its ending',
      'sub.png: a folder: only the images directly in the folder named are taken',
    ]);
    await rm(join(folder, '._a.JPG'));
  });

  it('takes patterns, and files whose names look like patterns', async () => {
    expect(await expand(join(folder, '*.png'))).toEqual(['b.png', 'odd [1].png']);
    expect(await expand(join(folder, 'odd [1].png'))).toEqual(['odd [1].png']);
  });

  it('keeps a missing file for the loader to refuse, and says when a pattern or folder gives nothing', async () => {
    expect(await expand(join(folder, 'none.png'))).toEqual(['none.png']);
    expect(await expand(join(folder, '*.webp'), join(folder, 'sub.png'))).toEqual([
      'IMAGE_NOT_FOUND',
      'IMAGE_NOT_FOUND',
    ]);
  });

  it('gives each file once, where it came first', async () => {
    expect(await expand(join(folder, 'b.png'), folder)).toEqual(['b.png', 'a.JPG', 'odd [1].png']);
  });
});

describe('queries', () => {
  it('are found by path as given, by full path and by file name', () => {
    expect(queryFor({ 'x/a.png': 'one' }, 'x/a.png')).toBe('one');
    expect(queryFor({ [resolve('x/a.png')]: 'one' }, 'x/a.png')).toBe('one');
    expect(queryFor({ './x/a.png': 'one' }, 'x/a.png')).toBe('one');
    expect(queryFor({ 'a.png': 'one' }, 'x/a.png')).toBe('one');
    expect(queryFor({ 'b.png': 'one' }, 'x/a.png')).toBeUndefined();
    expect(queryFor({}, 'toString')).toBeUndefined();
  });

  it.each([
    ['{"a.png": 3}', 'a.png'],
    ['["a"]', 'record'],
    ['{', 'not JSON'],
    ['{"a.png": " "}', 'a.png'],
  ])('refuses %s naming what is wrong', async (text, part) => {
    const file = join(folder, 'queries.json');
    await writeFile(file, text);
    await expect(readQueries(file)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringContaining(part),
    });
    await expect(readQueries(join(folder, 'none.json'))).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
  });
});
