// The report of a thousand pictures in Chromium, from a file: how long until all of it is there, its first row is painted and
// the filter has answered.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { writeManyRows } from './lib/many-rows.mjs';
import { median } from './lib/measure.mjs';

const COUNT = 1000;
const LIMIT_S = 3;

/** @returns rows of the report */
export async function measure({ rounds, quick = false }) {
  const folder = mkdtempSync(join(tmpdir(), 'maskloom-bench-'));
  try {
    const path = join(folder, 'report.html');
    const count = quick ? COUNT / 10 : COUNT;
    const segments = await writeManyRows(path, count);
    const opened = [];
    for (let round = 0; round < Math.min(rounds, 5); round++) opened.push(await open(path));
    const [load, first, filter] = ['load', 'first', 'filter'].map((part) =>
      median(opened.map((one) => one[part])),
    );
    const total = (load + first + filter) / 1000;
    return [
      {
        name: `report.html of ${count} pictures, opened from a file in Chromium until it is of use`,
        value: `${total.toFixed(2)} s`,
        aim: `< ${LIMIT_S} s`,
        good: total < LIMIT_S,
        detail: `all of it there after ${load.toFixed(0)} ms, the first row painted ${first.toFixed(0)} ms later, the filter's answer on the screen ${filter.toFixed(0)} ms after a word; ${(statSync(path).size / 2 ** 20).toFixed(0)} MiB, ${segments} masks of three systems`,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A browser of its own each time: nothing is cached but the file. */
async function open(path) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/lib/chromium/chromium',
    args: ['--no-sandbox'],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
    page.setDefaultTimeout(300_000);
    const errors = [];
    page.on('pageerror', (error) => errors.push(error.message));
    const start = performance.now();
    await page.goto(pathToFileURL(path).href);
    const load = performance.now() - start;
    const first = (await page.evaluate(firstPainted)) - load;
    const filter = await page.evaluate(filtered, 'star');
    if (errors.length > 0) throw new Error(`The page has failed: ${errors[0]}`);
    return { load, first: Math.max(0, first), filter };
  } finally {
    await browser.close();
  }
}

/** Runs in the page: its age when the first row's last cell is on the screen. */
async function firstPainted() {
  const painted = () => {
    const cells = [...document.querySelectorAll('tr.row:first-child .view canvas')];
    // 300 is the width of a canvas that nobody has sized.
    return cells.length > 0 && cells.every(({ width }) => width !== 300);
  };
  while (!painted()) await new Promise(requestAnimationFrame);
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now();
}

/** Runs in the page: milliseconds from a word in the filter to the frame that shows what is left. */
async function filtered(word) {
  const field = document.querySelector('#filter-label');
  const start = performance.now();
  field.value = word;
  field.dispatchEvent(new Event('input'));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  if (!document.querySelector('#filter-shown').textContent.includes(' rows'))
    throw new Error('The filter has not answered.');
  return performance.now() - start;
}

if (process.argv[1] === import.meta.filename) console.table(await measure({ rounds: 3 }));
