// A COCO folder of one's own, as people really have it, through `data show` and `eval`.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writeSynth } from '@maskloom/synth';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const COMMAND = resolve(import.meta.dirname, '../../packages/cli/dist/main.js');
const root = mkdtempSync(join(tmpdir(), 'maskloom-own-data-'));
const data = join(root, 'coco');

function maskloom(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) =>
    execFile(process.execPath, [COMMAND, ...args], { cwd: root }, (error, stdout, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    ),
  );
}

interface CocoFile {
  images: { id: number; file_name: string }[];
  annotations: object[];
}

beforeAll(async () => {
  await writeSynth({ out: data, count: 4, seed: 8_300_000, width: 96, height: 64 });
  rmSync(join(data, 'synth.json'));
  const file = join(data, 'annotations/instances.json');
  const coco = JSON.parse(readFileSync(file, 'utf8')) as CocoFile;
  const [first, second] = coco.images;
  // One picture is stored upside down with a tag that turns it back, one is missing, one annotation is a point.
  const turned = join(data, 'images', first?.file_name ?? '');
  writeFileSync(
    turned,
    await sharp(turned).rotate(180).withMetadata({ orientation: 3 }).jpeg({ quality: 100 }).toBuffer(),
  );
  rmSync(join(data, 'images', second?.file_name ?? ''));
  coco.annotations.push({ id: 999_999, image_id: first?.id, category_id: 1, segmentation: [['x']] });
  writeFileSync(file, JSON.stringify(coco));
});
afterAll(() => rmSync(root, { recursive: true }));

const evaluate = (out: string, ...more: readonly string[]): ReturnType<typeof maskloom> =>
  maskloom(
    'eval',
    '--data',
    'coco',
    '--format',
    'coco-instances',
    '--system',
    'rose/patch',
    '--out',
    out,
    ...more,
  );

describe('a data set with faults', () => {
  it('is measured without the records that cannot be read, which are counted and named', async () => {
    const { code, stdout, stderr } = await evaluate('run');
    expect(code).toBe(0);
    expect(stderr).toMatch(/left out of .*annotations\[\d+\]/);
    expect(stderr).toMatch(/left out of .*DATA_NOT_FOUND/);
    expect(stderr).toContain('2 records of');
    expect(stderr).toMatch(/note: .*orientation tag \(3\).*as stored/);
    expect(stdout).toMatch(/Data .*: 3 images, 2 records left out/);
    await maskloom('report', 'run');
    expect(readFileSync(join(root, 'run/report/index.html'), 'utf8')).toContain(
      '2 records of the data set were left out',
    );
  });

  it('is refused at its first fault with --strict', async () => {
    const { code, stderr } = await evaluate('strict', '--strict');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^maskloom: DATA_(INVALID|NOT_FOUND): /);
  });

  it('is looked at as it is shown where the reader says so: the truth then covers the object', async () => {
    const area = async (...more: readonly string[]): Promise<number> => {
      const { rows } = await tableOf(...more);
      return rows[0]?.cells.find(({ state }) => state === 'measured')?.measured ?? NaN;
    };
    const tableOf = async (...more: readonly string[]) => {
      const out = `run-${more.at(-1)}`;
      await evaluate(out, ...more);
      return JSON.parse(readFileSync(join(root, out, 'tables/eval-figures.json'), 'utf8')) as {
        rows: { cells: { state: string; measured: number | null }[] }[];
      };
    };
    expect(await area('--orientation', 'shown')).toBeGreaterThan(await area('--orientation', 'stored'));
  });
});
