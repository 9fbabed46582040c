import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeMask } from '@maskloom/core';
import { predictionsSchema } from 'maskloom';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BAD, GOOD, writeImages } from './lib/images.js';
import { maskloom, type Ended } from './lib/maskloom.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maskloom-compare-'));
  await writeImages(join(folder, 'in'), GOOD);
  await writeImages(join(folder, 'bad'), BAD);
});
afterAll(() => rm(folder, { recursive: true }));

const read = async (path: string) =>
  predictionsSchema.parse(JSON.parse(await readFile(join(folder, path), 'utf8')));

describe('maskloom compare', () => {
  it('writes predictions, overlays, maps and a self-contained report, and prints the same predictions with --json', async () => {
    const { code, stdout, stderr } = await maskloom(
      [
        'compare',
        'in/plain.png',
        '--text',
        'the largest thing',
        '--device',
        'cpu',
        '--pictures',
        'png',
        '--out',
        'out',
        '--json',
      ],
      folder,
    );
    expect(stderr).toMatch(/^warning: The models of the bundle 'tiny' know only [^\n]*\n$/);
    expect(code).toBe(0);
    const predictions = await read('out/predictions.json');
    expect(JSON.parse(stdout)).toEqual(predictions);

    const recipes = [
      'stacked-seg/single',
      'stacked-seg/several',
      'read/seg',
      'read/points',
      'read/seg-points',
      'read/full',
      'rose/patch',
    ];
    expect(predictions.runs.map((run) => `${run.system}/${run.recipe}`)).toEqual(recipes);
    expect((await readdir(join(folder, 'out/overlays/plain'))).sort()).toEqual(
      recipes.map((id) => `${id.replace('/', '-')}.png`).sort(),
    );
    for (const run of predictions.runs) {
      expect(run).toMatchObject({
        bundle: 'tiny',
        task: 'referring',
        text: 'the largest thing',
        image: { path: 'in/plain.png', width: 160, height: 96 },
      });
      expect(run.stages.length).toBeGreaterThan(3);
      expect(new Set(run.stages.map((stage) => stage.device))).toEqual(
        new Set(run.stages.some((s) => s.device === 'js') ? ['cpu', 'js'] : ['cpu']),
      );
      for (const segment of run.segments) {
        expect(segment.segmentation.size).toEqual([96, 160]);
        const [height, width] = segment.segmentation.size;
        const { pixels } = decodeMask({ size: [height, width], counts: segment.segmentation.counts });
        expect(pixels.reduce((sum, value) => sum + value, 0)).toBe(segment.area);
      }
    }
    const overlay = await sharp(join(folder, 'out/overlays/plain/read-full.png')).metadata();
    expect([overlay.width, overlay.height]).toEqual([160, 96]);
    const page = await readFile(join(folder, 'out/report.html'), 'utf8');
    expect(/(src|href)="(?!data:)/.exec(page)).toBeNull();
    for (const id of recipes) expect(page.includes(`<span class="column">${id}<`), id).toBe(true);
  });

  it('finds something with every READ recipe that has points, and shows the map it chose them on; of ROSE, objectness', async () => {
    const { runs } = await read('out/predictions.json');
    const pointed = runs.filter(
      (run) => run.stages.some((stage) => stage.slot === 'PointPrompter') && run.segments.length > 0,
    );
    expect(pointed.length).toBeGreaterThan(0);
    const maps = await readdir(join(folder, 'out/maps/plain'));
    expect(maps.sort()).toEqual(
      [...pointed.map((run) => `${run.system}-${run.recipe}.png`), 'rose-patch.png'].sort(),
    );
  });

  describe('on every kind of image file', () => {
    let ended: Ended;
    beforeAll(async () => {
      const args = [
        'compare',
        'in',
        'bad',
        'bad/missing.png',
        'bad/*.webp',
        '--text',
        'the largest thing',
        '--systems',
        'read/full',
        '--device',
        'cpu',
        '--out',
        'kinds',
      ];
      ended = await maskloom(args, folder);
    });

    it('does every good one, at the size as seen, and names a first frame taken', async () => {
      const { runs } = await read('kinds/predictions.json');
      const sizes = Object.fromEntries(
        runs.map((run) => [run.image.path.slice('in/'.length), [run.image.width, run.image.height]]),
      );
      expect(sizes).toEqual(Object.fromEntries(Object.entries(GOOD).map(([name, { size }]) => [name, size])));
      expect(runs.find((run) => run.image.path.endsWith('animated.gif'))?.warnings.join()).toContain(
        'first of 2 frames',
      );
    });

    it('lists every bad one with its code on one line, and ends with 1', () => {
      expect(ended.code).toBe(1);
      const lines = ended.stderr.split('\n').filter((line) => line.startsWith('failed: '));
      const expected = [
        ...Object.entries(BAD).map(([name, { code }]) => [name, code]),
        ['missing.png', 'IMAGE_NOT_FOUND'],
        ['*.webp', 'IMAGE_NOT_FOUND'],
      ];
      for (const [name, code] of expected) {
        expect(
          lines.find((line) => line.startsWith(`failed: bad/${name}: `)),
          name,
        ).toContain(` ${code}: `);
      }
      expect(lines).toHaveLength(expected.length);
      expect(ended.stderr).not.toMatch(/\n {4}at /);
    });

    it('shows the bad ones in the report too', async () => {
      const page = await readFile(join(folder, 'kinds/report.html'), 'utf8');
      expect(page.match(/<tr class="unread">/g)).toHaveLength(Object.keys(BAD).length + 2);
      expect(page).toContain('Größe &amp; &lt;b&gt;name.png');
    });
  });

  it('takes a text per image from a file, and refuses only the images without one', async () => {
    await writeFile(join(folder, 'queries.json'), JSON.stringify({ 'plain.png': 'the sky' }));
    const args = [
      'compare',
      'in/plain.png',
      'in/photo.jpg',
      '--queries',
      'queries.json',
      '--systems',
      'read/full',
      '--device',
      'cpu',
      '--out',
      'queried',
      '--json',
    ];
    const { code, stdout, stderr } = await maskloom(args, folder);
    expect(code).toBe(1);
    expect(predictionsSchema.parse(JSON.parse(stdout)).runs.map((run) => [run.image.path, run.text])).toEqual(
      [['in/plain.png', 'the sky']],
    );
    expect(stderr).toContain('failed: in/photo.jpg: VALUE_INVALID');
  });

  it('keeps what others wrote into its folder, and replaces what it wrote itself', async () => {
    await writeFile(join(folder, 'queried/notes.txt'), 'mine');
    const args = [
      'compare',
      'in/photo.jpg',
      '--text',
      'the sky',
      '--systems',
      'read/full',
      '--device',
      'cpu',
      '--pictures',
      'webp',
      '--out',
      'queried',
    ];
    expect((await maskloom(args, folder)).code).toBe(0);
    expect((await readdir(join(folder, 'queried'))).filter((name) => !name.startsWith('.')).sort()).toEqual(
      expect.arrayContaining(['notes.txt', 'overlays', 'predictions.json', 'report.html']),
    );
    expect(await readdir(join(folder, 'queried/overlays'))).toEqual(['photo']);
    expect(await readdir(join(folder, 'queried/overlays/photo'))).toEqual(['read-full.webp']);
  });
});
