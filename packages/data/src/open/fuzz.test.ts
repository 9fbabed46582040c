import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { MaskloomError } from '@maskloom/core';
import { Prng } from '@maskloom/core';
import { openDataset } from './open-dataset.js';
import { damage } from './damage.test-helper.js';
import { TINY, type TinyDataset } from './tiny-datasets.test-helper.js';
import { Files } from './tiny-files.test-helper.js';

const INPUTS = 500;
const root = mkdtempSync(join(tmpdir(), 'maskloom-fuzz-'));
afterAll(() => rmSync(root, { recursive: true }));

/** Everything that a data set says, read to its end; problems of records are thrown or collected. */
async function readAll(tiny: TinyDataset, dir: string, tolerant: boolean): Promise<MaskloomError[]> {
  const problems: MaskloomError[] = [];
  const onProblem = tolerant ? (error: MaskloomError): void => void problems.push(error) : undefined;
  const data = await openDataset(tiny.format, dir, { ...tiny.options, onProblem });
  for await (const sample of data.samples()) {
    await sample.segments?.();
    await sample.labels?.();
    await sample.queries?.();
  }
  return problems;
}

describe(`${INPUTS} damaged copies`, () => {
  it.each(TINY.map((tiny) => [tiny.name, tiny] as const))(
    'of %s give typed errors only',
    async (name, tiny) => {
      const dir = join(root, name);
      tiny.build(new Files(dir));
      expect(await readAll(tiny, dir, true)).toEqual([]);
      const whole = tiny.said.map((path) => readFileSync(join(dir, path)));
      const random = new Prng(
        [...name].reduce((seed, letter) => seed * 31 + letter.charCodeAt(0), 7) % 2 ** 31,
      );
      let refused = 0;
      for (let i = 0; i < INPUTS; i++) {
        const at = random.int(tiny.said.length);
        const path = join(dir, tiny.said[at] as string);
        const damaged = damage(whole[at] as Buffer, path, random);
        writeFileSync(path, damaged);
        const found = await readAll(tiny, dir, i % 2 === 1).catch((error: unknown) => [error]);
        writeFileSync(path, whole[at] as Buffer);
        for (const error of found) {
          const typed = MaskloomError.is(error) && /^(DATA|MASK)_/.test(error.code);
          expect(typed, `input ${i}: ${error instanceof Error ? (error.stack ?? '') : String(error)}`).toBe(
            true,
          );
        }
        if (found.length > 0) refused++;
      }
      // Most damage is noticed; some of it (another colour, another word) leaves a sound data set.
      expect(refused).toBeGreaterThan(INPUTS / 4);
    },
    120_000,
  );
});
