// The studio as a person uses it, in Debian's Chromium. Screenshots are kept in out/studio.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { writeSynth } from '@maskloom/synth';
import { encodeMask, maskArea, maskBox } from '@maskloom/core';
import { writePng } from '@maskloom/runtime';
import { openWorkspace } from 'maskloom';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from './lib/maskloom.js';
import { CHROMIUM } from './lib/chromium.js';
import { chooseSystems, openTestStudio, type TestStudio } from './lib/studio.js';

const execute = promisify(execFile);
const OUT = resolve('out/studio');
const PYTHON = resolve('training/.venv/bin/python');
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const SYSTEMS = ['stacked-seg/single', 'read/full', 'rose/patch', 'lmseg/full'];

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

describe.skipIf(CHROMIUM === undefined && process.env['CI'] === undefined)('the studio in a browser', () => {
  let studio: TestStudio;
  let browser: Browser;
  let page: Page;
  const wrong: string[] = [];

  beforeAll(async () => {
    await mkdir(OUT, { recursive: true });
    studio = await openTestStudio({
      columns: [
        { label: 'gIoU', protocol: 'reasoning', figure: 'gIoU all', task: 'reasoning' },
        { label: 'AP50', protocol: 'instances', figure: 'AP50', task: 'instance' },
      ],
    });
    browser = await chromium.launch({ executablePath: CHROMIUM ?? 'chromium', args: ['--no-sandbox'] });
    page = await browser.newPage({ viewport: { width: 1600, height: 1000 }, acceptDownloads: true });
    page.setDefaultTimeout(60_000);
    page.on('pageerror', ({ message }) => wrong.push(message));
    page.on('console', (said) => said.type() === 'error' && wrong.push(said.text()));
    await page.goto(studio.studio.url);
  });
  afterAll(async () => {
    await browser?.close();
    await studio?.[Symbol.asyncDispose]();
  });

  const cell = (title: string) =>
    page.locator('.cell', { has: page.getByRole('heading', { name: title, exact: true }) });
  const settled = () => page.locator('.question button:text("Stop"):disabled').waitFor();
  const ask = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await settled();
  };
  const save = async (button = 'Save masks'): Promise<string> => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: button }).click(),
    ]);
    const path = join(OUT, download.suggestedFilename());
    await download.saveAs(path);
    return path;
  };
  /** Ink that the masks of a cell put on its canvas: changes with them. */
  const drawn = (title: string): Promise<string> =>
    cell(title)
      .locator('canvas')
      .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());

  it('asks four systems by phrase, side by side', async () => {
    await chooseSystems(page, SYSTEMS);
    await page.getByLabel('phrase or question').fill('the red star');
    await ask();
    for (const name of SYSTEMS) await cell(name).locator('.stages').waitFor();
    expect(await page.locator('.cell .error').count()).toBe(0);
    // Each shows the picture with something drawn over it.
    const bare = await drawn('plain.png');
    expect(await drawn('read/full')).not.toBe(bare);
    await page.screenshot({ path: join(OUT, 'phrase-1600.png'), fullPage: true });
  });

  it('zooms all pictures together', async () => {
    const before = await drawn('rose/patch');
    await cell('read/full').locator('.view').focus();
    await page.keyboard.press('+');
    await expect.poll(() => drawn('rose/patch')).not.toBe(before);
    await page.keyboard.press('0');
  });

  it("shows another READ when its point prompter is swapped, those that don't fit with the reason", async () => {
    const before = await cell('read/full').locator('.view').getAttribute('aria-label');
    const [mask] = await masksOf('read/full');
    await page.locator('.systems summary', { hasText: 'read/full' }).click();
    const slots = page.locator('.slots');
    await slots.getByLabel('PointPrompter').selectOption('read/top-k-points');
    await ask();
    expect(await cell('read/full').locator('.view').getAttribute('aria-label')).toBe(before);
    const [other] = await masksOf('read/full');
    expect(other).not.toEqual(mask);
    expect(await cell('read/full').locator('.stages').textContent()).toContain('read/top-k-points');
    await page.getByRole('button', { name: 'Copy as code' }).first().click();
    expect(await page.locator('.code').first().textContent()).toContain("registry.stage('read/top-k-points'");
    await page.locator('.systems summary', { hasText: 'read/full' }).click();
    await page.locator('.systems summary', { hasText: 'lmseg/full' }).click();
    await page.locator('.slots li', { hasText: 'VisionEncoder' }).getByText('do not fit').click();
    expect(await page.locator('.misfits li').first().textContent()).toMatch(/clip\/tower cannot fill/);
    await page.locator('.systems summary', { hasText: 'lmseg/full' }).click();
  });

  it('converses: two turns side by side, undo', async () => {
    const talk = () => page.getByLabel('say what is wrong with read/full');
    for (const words of ['make it larger', 'make it 10 % smaller']) {
      await talk().fill(words);
      await talk().press('Enter');
      await settled();
      await cell(`read/full: “${words}”`).locator('.changes').waitFor();
    }
    expect(await cell('read/full: “make it larger”').locator('.changes').textContent()).toMatch(
      /[1-9] pixels added · 0 removed|[1-9]0 pixels added · 0 removed/,
    );
    await page.screenshot({ path: join(OUT, 'conversation-1600.png'), fullPage: true });
    await cell('read/full: “make it 10 % smaller”').getByRole('button', { name: 'Undo' }).click();
    await settled();
    await cell('read/full: “make it 10 % smaller”').waitFor({ state: 'detached' });
    expect(await cell('read/full: “make it larger”').getByRole('button', { name: 'Redo' }).isEnabled()).toBe(
      true,
    );
  });

  it('exports COCO that pycocotools reads', async () => {
    await page.getByLabel('masks as').selectOption('coco-annotations');
    const zip = await save();
    if (!existsSync(PYTHON) && process.env['CI'] === undefined) return;
    const { stdout } = await execute(PYTHON, ['-c', READ_COCO, zip]);
    const [images, annotations, pixels] = stdout.trim().split(' ').map(Number);
    expect(images).toBe(1);
    expect(annotations).toBeGreaterThan(0);
    expect(pixels).toBeGreaterThan(0);
  });

  it('makes the systems that were asked the rows of an ablation table', async () => {
    await page.getByText('its columns').click();
    await page.getByLabel('AP50').check();
    const path = await save('Save as ablation table');
    const { config } = await openWorkspace({ config: path });
    const [table] = config.ablations ?? [];
    expect(table?.rows.map(({ recipe }) => recipe)).toEqual(SYSTEMS);
    expect(table?.columns).toEqual([
      { label: 'AP50', synthetic: { part: 'val', protocol: 'instances', figure: 'AP50' } },
    ]);
    expect(table?.rows[1]?.overrides?.stages).toEqual({ PointPrompter: { stage: 'read/top-k-points' } });
  });

  it('gives descriptions to systems that read them, and says which do not', async () => {
    await chooseSystems(page, ['lmseg/full', 'rose/patch']);
    await page.locator('.question summary', { hasText: 'labels' }).click();
    await page.getByLabel('one a line').fill('star\n  colour: It glows like embers.\nsky');
    await page.locator('.question summary', { hasText: 'labels: 2, 1 described' }).waitFor();
    await page.getByLabel('phrase or question').fill('');
    await ask();
    expect(await cell('lmseg/full').locator('.below').textContent()).toContain('It glows like embers.');
    expect(await cell('rose/patch').locator('.below').textContent()).toContain(
      'does not read the descriptions',
    );
    await page.getByLabel('one a line').fill('star\n  color: Red.');
    expect(await page.locator('#labels-help').textContent()).toMatch(/'star' is described by 'color'/);
    await page.getByLabel('one a line').fill('');
    await page.locator('.question summary', { hasText: 'labels' }).click();
  });

  it('runs each system where it says, and tells why it cannot run elsewhere', async () => {
    await page.locator('.systems summary', { hasText: 'rose/patch' }).click();
    const device = page.locator('.device select');
    await page.getByText('not available').first().waitFor();
    // What the doctor says of this machine: one of the two is never there.
    const foreign = process.platform === 'darwin' ? 'dml' : 'coreml';
    expect(await device.locator(`option:text-is("${foreign}")`).getAttribute('disabled')).not.toBeNull();
    expect(await page.locator('.device li', { hasText: foreign }).textContent()).toMatch(/: only on/);
    await device.selectOption('cpu');
    await page.locator('.systems .tag', { hasText: 'cpu' }).waitFor();
    await page.locator('.systems summary', { hasText: 'rose/patch' }).click();
  });

  it('takes a click and a box', async () => {
    await page.getByLabel('phrase or question').fill('');
    await chooseSystems(page, ['sam/prompted']);
    const view = cell('plain.png').locator('.view');
    const { width = 0, height = 0 } = (await view.boundingBox()) ?? {};
    await page.getByLabel('point', { exact: true }).check();
    await view.click({ position: { x: width / 2, y: height / 2 } });
    await page.getByText('1 points, 0 boxes').waitFor();
    await ask();
    await cell('sam/prompted').locator('.segments button').first().waitFor();
    await page.getByLabel('box', { exact: true }).check();
    const from = (await cell('sam/prompted').locator('.view').boundingBox()) ?? { x: 0, y: 0 };
    await page.mouse.move(from.x + width * 0.2, from.y + height * 0.2);
    await page.mouse.down();
    await page.mouse.move(from.x + width * 0.5, from.y + height * 0.7, { steps: 4 });
    await page.mouse.up();
    await page.getByText('1 points, 1 boxes').waitFor();
    await ask();
    await expect.poll(() => cell('sam/prompted').locator('.segments button').count()).toBe(2);
    await page.screenshot({ path: join(OUT, 'point-and-box-1600.png'), fullPage: true });
  });

  it('looks where a brush went', async () => {
    await page.getByRole('button', { name: 'Clear', exact: true }).click();
    await chooseSystems(page, ['rose/patch']);
    await page.getByLabel('brush', { exact: true }).check();
    const view = (await cell('plain.png').locator('.view').boundingBox()) ?? {
      x: 0,
      y: 0,
      width: 0,
      height: 0,
    };
    await page.mouse.move(view.x + view.width * 0.3, view.y + view.height * 0.3);
    await page.mouse.down();
    await page.mouse.move(view.x + view.width * 0.7, view.y + view.height * 0.7, { steps: 4 });
    await page.mouse.up();
    await page.getByText('0 points, 0 boxes, 1 regions').waitFor();
    await ask();
    await cell('rose/patch').locator('.segments button').first().waitFor();
    expect(wrong).toEqual([]);
  });

  it('works at 400 px and in the dark, and axe finds nothing serious', async () => {
    await page.setViewportSize({ width: 400, height: 900 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    await page.screenshot({ path: join(OUT, 'all-400.png'), fullPage: true });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.evaluate(readFileSync(AXE, 'utf8'));
      const { violations } = (await page.evaluate('axe.run()')) as AxeResult;
      const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
      expect(grave.map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))])).toEqual([]);
    }
    await page.screenshot({ path: join(OUT, 'dark-400.png'), fullPage: true });
    await page.setViewportSize({ width: 1600, height: 1000 });
    await page.screenshot({ path: join(OUT, 'dark-1600.png') });
  });

  it('shows the truth of a data set beside the systems, and how answers agree with it', async () => {
    const folder = join(studio.folder, 'set');
    await writeSynth({ out: folder, count: 1, seed: 8_920_000, width: 160, height: 96 });
    const args = ['studio', folder, '--format', 'reasonseg', '--split', 'test', '--device', 'cpu'];
    const { child, ended } = start(args, studio.folder);
    const other = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
    try {
      const [address] = (await once(child.stdout as Readable, 'data')) as [string];
      await other.goto(address.trim());
      const of = (title: string) =>
        other.locator('.cell', { has: other.getByRole('heading', { name: title, exact: true }) });
      await of('truth').locator('[data-shown]').waitFor();
      expect(await of('truth').locator('.segments button').getAttribute('title')).toContain('81 px');
      expect(await other.getByLabel('phrase or question').inputValue()).toMatch(/^which one has spots/);
      await chooseSystems(other, ['read/full']);
      await other.getByRole('button', { name: 'Ask', exact: true }).click();
      await of('read/full').locator('.agrees').waitFor();
      const iou = Number((await of('read/full').locator('.iou').textContent())?.replace('IoU ', ''));
      // One mask: it is the best one, and the whole answer.
      expect(await of('read/full').locator('.agrees').textContent()).toContain(`IoU ${iou.toFixed(2)}`);
      const figure = await other.getByLabel('gIoU over the questions asked').textContent();
      expect(figure).toMatch(/^read\/fullgIoU \d\.\d{3} over 1 question$/);
      expect(Number(/\d\.\d{3}/.exec(figure ?? '')?.[0])).toBeCloseTo(iou, 2);
      // Its outline is drawn into every picture.
      const drawn = (): Promise<string> =>
        of('read/full')
          .locator('canvas')
          .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
      const before = await drawn();
      await other.locator('h1').click();
      await other.keyboard.press('t');
      await expect.poll(drawn).not.toBe(before);
      await other.screenshot({ path: join(OUT, 'truth-1600.png'), fullPage: true });
      // Other words are compared with what is in the picture, but are no question of the data set.
      await other.getByLabel('phrase or question').fill('the red star');
      await other.getByRole('button', { name: 'Ask', exact: true }).click();
      await other.getByText('question 2 of 2').waitFor();
      await of('read/full').locator('.agrees').waitFor();
      expect(await of('read/full').locator('.iou').count()).toBe(0);
    } finally {
      await other.close();
      child.kill('SIGINT');
      await ended;
    }
  });

  it('shows the own pixels of a large picture, and masks to the pixel, when zoomed in', async () => {
    const [width, height] = [4096, 256];
    const folder = await mkdtemp(join(tmpdir(), 'maskloom-large-'));
    // Black and white columns on the left; a mask of every other column of the white right.
    const rgb = new Uint8Array(3 * width * height);
    const inside = new Uint8Array(width * height);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        rgb.fill(x < width / 2 && x % 2 === 0 ? 0 : 255, 3 * (y * width + x), 3 * (y * width + x + 1));
        if (x >= width / 2 && x % 2 === 1) inside[y * width + x] = 1;
      }
    const path = join(folder, 'large.png');
    await writePng(path, rgb, { width, height });
    const mask = encodeMask(inside, width, height);
    const truth = [{ label: 'odd', score: 1, mask, area: maskArea(mask), bbox: maskBox(mask) }];
    const questions = async () => [{ ask: {}, task: 'free' as const, truth }];
    await using own = await openTestStudio({ inputs: [], examples: [{ path, name: 'large', questions }] });
    const other = await browser.newPage({ viewport: { width: 1200, height: 700 } });
    try {
      await other.goto(own.studio.url);
      const view = other.locator('.cell', { hasText: 'truth' }).locator('.view');
      await view.and(other.locator('[data-shown]')).waitFor();
      await other.getByLabel('outlines').uncheck();
      await view.focus();
      for (let i = 0; i < 9; i++) await other.keyboard.press('+');
      /** Grey steps between neighbouring columns of the picture, of the left half and the right one. */
      const steps = (): Promise<readonly number[]> =>
        view.locator('canvas').evaluate((canvas: HTMLCanvasElement, zoomed: number) => {
          const y = Math.floor(canvas.height / 2);
          const row = canvas.getContext('2d')?.getImageData(0, y, canvas.width, 1).data ?? [];
          const column = (canvas.width * 32) / zoomed;
          const at = (x: number): number => row[4 * Math.round(x) + 2] ?? 0;
          return [-5.5, 5.5].map((from) => {
            const x = canvas.width / 2 + from * column;
            return Math.abs(at(x) - at(x + column));
          });
        }, width);
      await expect.poll(steps).toEqual([255, expect.any(Number)]);
      await expect.poll(async () => (await steps())[1]).toBeGreaterThan(30);
      await other.screenshot({ path: join(OUT, 'own-pixels-1200.png') });
    } finally {
      await other.close();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('had nothing to complain of', () => expect(wrong).toEqual([]));

  /** What the legend says of a system's masks, area included. */
  async function masksOf(name: string): Promise<readonly (string | null)[]> {
    const buttons = await cell(name).locator('.segments button').all();
    return Promise.all(buttons.map((button) => button.getAttribute('title')));
  }
});

/** Images, annotations and pixels of all files of an archive. */
const READ_COCO = `
import io, json, sys, tempfile, os, zipfile
from contextlib import redirect_stdout
from pycocotools.coco import COCO
images, count, pixels = set(), 0, 0
with zipfile.ZipFile(sys.argv[1]) as archive, tempfile.TemporaryDirectory() as folder:
    for name in archive.namelist():
        with redirect_stdout(io.StringIO()):
            coco = COCO(archive.extract(name, folder))
        images |= set(coco.getImgIds())
        for annotation in coco.loadAnns(coco.getAnnIds()):
            count += 1
            pixels += int(coco.annToMask(annotation).sum())
print(len(images), count, pixels)
`;
