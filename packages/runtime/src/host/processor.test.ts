import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { processorKind } from './processor.js';

const folder = mkdtempSync(join(tmpdir(), 'maskloom-processor-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The kind of a machine whose kernel describes its processors so. */
function kindOf(...processors: readonly string[]): string {
  const path = join(folder, 'cpuinfo');
  writeFileSync(path, processors.map((one, i) => `processor\t: ${i}\n${one}`).join('\n'));
  return processorKind(path);
}

const one = (flags: string, mhz: number): string =>
  `model name\t: EPYC\ncpu MHz\t\t: ${mhz}\nflags\t\t: ${flags}\nbogomips\t: ${mhz * 2}\n`;

it('is told by the name and the instructions of the first processor', () => {
  const kind = kindOf(one('fma avx2', 2400));
  expect(kind).toMatch(/^[0-9a-f]{12}$/);
  expect(kindOf(one('fma avx2', 3100), one('fma avx2', 900))).toBe(kind);
  expect(kindOf(...Array.from({ length: 500 }, () => one('fma avx2', 1)))).toBe(kind);
  expect(kindOf(one('fma avx2 avx512f', 2400))).not.toBe(kind);
});

it('reads the words of ARM', () => {
  const arm = (features: string): string =>
    kindOf(`BogoMIPS\t: 50\nFeatures\t: ${features}\nCPU part\t: 0xd0c\n`);
  expect(arm('fp asimd')).not.toBe(arm('fp asimd sve'));
});

it('is that of the machine where the system lists no instructions', () => {
  const unknown = processorKind(join(folder, 'none'));
  expect(unknown).toMatch(/^[0-9a-f]{12}$/);
  expect(processorKind(join(folder, 'none'))).toBe(unknown);
  expect(kindOf('nothing known\n')).toBe(unknown);
});
