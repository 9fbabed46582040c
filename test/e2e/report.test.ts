import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { encodeMask, type Segment } from '@maskloom/core';
import { openReport } from '@maskloom/report';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHROMIUM } from './lib/chromium.js';

/** More than are opened ahead. */
const ROWS = 90;
const LAST = 'tr.row:last-child';

/** A mask over the left half of the picture. */
function half(label: string, score: number): Segment {
  const pixels = Uint8Array.from({ length: 32 * 32 }, (_, i) => Number(i % 32 < 16));
  return { label, score, bbox: [0, 0, 16, 32], area: 512, mask: encodeMask(pixels, 32, 32) };
}

describe.skipIf(CHROMIUM === undefined && process.env['CI'] === undefined)(
  'a long report in a browser',
  () => {
    let folder: string;
    let browser: Browser;
    let page: Page;
    const errors: string[] = [];
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'maskloom-report-'));
      const head = { title: 'Long', columns: [{ id: 'a/b' }], facts: [], truth: false };
      const report = await openReport(join(folder, 'report.html'), head);
      const rgb = new Uint8Array(3 * 32 * 32).fill(90);
      for (let n = 0; n < ROWS; n++) {
        const segments = [half(n % 2 === 0 ? 'star' : 'ring', 0.9), half('moon', n / ROWS)];
        const request = { task: 'free' } as const;
        const result = { system: 'a', recipe: 'b', request, answer: '', segments, stages: [], warnings: [] };
        const cells = [{ column: 'a/b', prediction: result }];
        await report.addRow({
          image: { rgb, width: 32, height: 32, sha256: '' },
          name: `${n}`,
          request,
          cells,
        });
      }
      await report.finish();
      browser = await chromium.launch({ executablePath: CHROMIUM ?? 'chromium', args: ['--no-sandbox'] });
      page = await browser.newPage({ viewport: { width: 900, height: 700 } });
      page.on('pageerror', (error) => errors.push(error.message));
      await page.goto(pathToFileURL(join(folder, 'report.html')).href);
    });
    afterAll(async () => {
      await browser.close();
      await rm(folder, { recursive: true });
      expect(errors).toEqual([]);
    });

    /** The colour in the left and in the right half of a row's cell, once that is painted. */
    async function halves(row: string): Promise<string[]> {
      const canvas = page.locator(`${row} [data-kind=result] canvas`);
      await canvas.waitFor();
      const look = (element: Element): string[] => {
        const { width, height } = element as HTMLCanvasElement;
        const context = (element as HTMLCanvasElement).getContext('2d');
        return [0.25, 0.75].map((x) =>
          String(context?.getImageData(Math.floor(x * width), Math.floor(height / 2), 1, 1).data),
        );
      };
      await expect.poll(() => canvas.evaluate(look)).toContain('90,90,90,255');
      return canvas.evaluate(look);
    }

    it('paints the first row, and opens the last one when it is scrolled to', async () => {
      const [left, right] = await halves('tr.row:first-child');
      expect(right).toBe('90,90,90,255');
      expect(left).not.toBe(right);
      expect(await page.locator(`${LAST} img, ${LAST} canvas, ${LAST} button`).count()).toBe(0);
      await page.locator(LAST).scrollIntoViewIfNeeded();
      expect(new Set(await halves(LAST)).size).toBe(2);
      // What is far from the screen is kept as text and lists, not as pixels.
      const far = page.locator('tr.row:first-child canvas').first();
      await expect.poll(() => far.evaluate((canvas) => (canvas as HTMLCanvasElement).width)).toBe(0);
      expect(await page.locator(`${LAST} button`).allInnerTexts()).toEqual(['ring\n0.90', 'moon\n0.99']);
    });

    it('filters rows that are open and rows that are not', async () => {
      await page.evaluate(() => window.scrollTo(0, 0));
      await page.getByLabel('show masks whose label contains').fill('ST');
      expect(await page.locator('tr.row:not([hidden])').count()).toBe(ROWS / 2);
      await page.getByLabel('show masks whose label contains').fill('moon');
      await page.getByLabel('least score of the masks shown').fill('60');
      // moon has n / 90: at least 0.6 from row 54 on.
      expect(await page.locator('tr.row:not([hidden])').count()).toBe(36);
      expect(await page.locator('#filter-shown').innerText()).toBe('0.60, 36 of 90 rows');
      await page.locator('tr.row:nth-child(60)').scrollIntoViewIfNeeded();
      await halves('tr.row:nth-child(60)');
      expect(await page.locator('tr.row:nth-child(60) li:not([hidden]) button').allInnerTexts()).toEqual([
        'moon\n0.66',
      ]);
      // Hidden masks of a row that was away when the filter changed are painted again when it is back.
      await page.getByLabel('show masks whose label contains').fill('nothing');
      expect(await page.locator('tr.row:not([hidden])').count()).toBe(0);
      await page.getByLabel('show masks whose label contains').fill('');
      await page.getByLabel('least score of the masks shown').fill('0');
      await page.locator('tr.row:first-child').scrollIntoViewIfNeeded();
      expect(new Set(await halves('tr.row:first-child')).size).toBe(2);
    });

    it('shows everything but masks where scripts are switched off', async () => {
      const plain = await browser.newPage({ javaScriptEnabled: false });
      await plain.goto(pathToFileURL(join(folder, 'report.html')).href);
      expect(await plain.locator('tr.row button').count()).toBe(2 * ROWS);
      expect(await plain.locator(`${LAST} img.picture`).boundingBox()).toMatchObject({
        height: expect.any(Number),
      });
      await plain.close();
    });
  },
);
