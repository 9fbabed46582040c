import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readJsonItems } from './json-items.js';

const folder = mkdtempSync(join(tmpdir(), 'maskloom-json-'));
const file = join(folder, 'list.json');
afterAll(() => rmSync(folder, { recursive: true }));

async function read(text: string | Uint8Array, key?: string): Promise<unknown[]> {
  writeFileSync(file, text);
  const values: unknown[] = [];
  for await (const { index, value } of readJsonItems(file, key)) {
    expect(index).toBe(values.length);
    values.push(value);
  }
  return values;
}

describe('reading a list item by item', () => {
  it('gives what JSON.parse gives, for a list and for a key of an object, however it is spaced', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue()),
        fc.jsonValue(),
        fc.constantFrom(undefined, 1, '\t'),
        async (items, other, space) => {
          const plain = JSON.parse(JSON.stringify(items)) as unknown[];
          expect(await read(JSON.stringify(items, null, space))).toEqual(plain);
          const object = { before: other, nested: { wanted: [1] }, wanted: items, after: other };
          expect(await read(JSON.stringify(object, null, space), 'wanted')).toEqual(plain);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('reads items that cross the borders of its read buffer', async () => {
    const items = Array.from({ length: 40 }, (_, i) => ({ i, text: `${'ä"\\]},'.repeat(20_000 + i)}` }));
    expect(await read(JSON.stringify(items))).toEqual(items);
  });

  it.each([
    ['nothing', ''],
    ['a cut-off list', '[{"a":1},{"a"'],
    ['a list without its end', '[1,2'],
    ['no list', '{"a":[1]}'],
    ['a missing item', '[1,,2]'],
    ['a comma before the end', '[1,]'],
    ['words', 'hello'],
    ['a broken item', '[1,{"a":}]'],
    ['a bracket too many', '[1]]'],
    ['a picture', Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10, 0, 0)],
  ])('refuses %s', async (_, text) => {
    await expect(read(text)).rejects.toMatchObject({ code: 'DATA_INVALID', where: file });
  });

  it('names a missing key and a missing file', async () => {
    await expect(read('{"images":[]}', 'annotations')).rejects.toThrow(/no list 'annotations'/);
    await expect(readJsonItems(join(folder, 'none.json')).next()).rejects.toMatchObject({
      code: 'DATA_NOT_FOUND',
    });
    await expect(readJsonItems(folder).next()).rejects.toMatchObject({ code: 'DATA_INVALID' });
  });
});
