// The studio in Debian's Chromium: how soon the first answer is seen, against `maskloom segment` on the same picture, and how
// smoothly nine systems with a hundred masks each are zoomed on a picture of 12 megapixels. Long tasks are read from the browser's
// own trace, by the wall clock and by the thread's own time: the second says what the page itself costs on a busy machine.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { compose, definePlugin, encodeMask, maskArea, maskBox } from '@maskloom/core';
import { folderBundle, loadImage, onnx, openBundle, writePng } from '@maskloom/runtime';
import { startStudio } from '@maskloom/studio';
import { makeScene } from '@maskloom/synth';
import { createDefaultRegistry } from 'maskloom';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { inTurns, median, ms, ratio } from './lib/measure.mjs';

const execute = promisify(execFile);
const SYSTEM = 'read/full';
const TEXT = 'the red star';
const [WIDTH, HEIGHT] = [4000, 3000];
const SYSTEMS = 9;
const MASKS = 100;
const FRAMES = 180;
const LONG_MS = 50;

/** @returns rows of the report */
export async function measure({ rounds, quick }) {
  const folder = mkdtempSync(join(tmpdir(), 'maskloom-bench-'));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/lib/chromium/chromium',
    args: ['--no-sandbox'],
  });
  try {
    return [
      ...(await firstAnswer(browser, folder, quick ? 1 : rounds)),
      // Zooming waits for the page to come to rest.
      ...(quick ? [] : await zooming(browser, folder)),
    ];
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function open(browser, picture, registry = createDefaultRegistry()) {
  const source = folderBundle(bundleDirectory);
  const bundles = [{ source, bundle: await openBundle(source) }];
  const studio = await startStudio({ registry, bundles, device: 'cpu', inputs: [picture] });
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
  page.setDefaultTimeout(120_000);
  await page.goto(studio.url);
  await page.locator('.cell').first().waitFor();
  for (const button of await page.locator('.systems > li > button').all()) await button.waitFor();
  while ((await page.locator('.systems > li > button').count()) > 0)
    await page.locator('.systems > li > button').first().click();
  return { studio, page };
}

async function firstAnswer(browser, folder, rounds) {
  const picture = join(folder, 'scene.png');
  const scene = makeScene(8_920_000, 160, 96);
  await writePng(picture, scene.rgb, scene);
  const { studio, page } = await open(browser, picture);
  await page.getByLabel('add a system').selectOption(SYSTEM);
  await page.getByLabel('phrase or question').fill(TEXT);
  const seen = () =>
    page.evaluate(
      () =>
        new Promise((done) => {
          new MutationObserver((_, observer) => {
            if (document.querySelector('[data-shown]') === null) return;
            observer.disconnect();
            // Painted by the next frame, on the screen by the one after.
            requestAnimationFrame(() => requestAnimationFrame(() => done()));
          }).observe(document.body, { subtree: true, attributes: true, childList: true });
          document.querySelector('button.ask').click();
        }),
    );
  const models = onnx({ bundle: folderBundle(bundleDirectory), device: 'cpu' });
  const pipeline = await compose(createDefaultRegistry().recipe(SYSTEM)).on(models).build();
  const command = ['packages/cli/bin/maskloom.js', 'segment', picture, '--system', SYSTEM, '--text', TEXT];
  const spent = await inTurns(
    {
      studio: seen,
      segment: () => execute(process.execPath, [...command, '--device', 'cpu']),
      pipeline: async () => pipeline.segment(await loadImage(picture), { task: 'referring', text: TEXT }),
    },
    Math.min(rounds, 9),
  );
  await page.close();
  await studio.close();
  await pipeline.dispose();
  await models.dispose();
  const value = spent.studio / spent.segment;
  return [
    {
      name: 'studio: a click on Ask until the masks are on the screen, against `maskloom segment`',
      value: ratio(value),
      aim: 'under 1.5 x',
      good: value < 1.5,
      detail: `${ms(spent.studio)} against ${ms(spent.segment)}, ${SYSTEM}, files warm, models of the studio open`,
    },
    {
      name: 'studio: the same against a pipeline that is open already',
      value: ratio(spent.studio / spent.pipeline),
      detail: `${ms(spent.studio)} against ${ms(spent.pipeline)}: what request, queue, events and painting add`,
    },
  ];
}

/** A recipe that gives the same masks whatever it is asked: ellipses all over the picture. */
function manyMasks() {
  const pixels = new Uint8Array(WIDTH * HEIGHT);
  const segments = Array.from({ length: MASKS }, (_, i) => {
    const [cx, cy] = [((i % 10) + 0.5) * (WIDTH / 10), (Math.floor(i / 10) + 0.5) * (HEIGHT / 10)];
    pixels.fill(0);
    for (let y = Math.ceil(cy - 140); y < cy + 140; y++)
      for (let x = Math.ceil(cx - 190); x < cx + 190; x++) {
        const [u, v] = [(x - cx) / 190, (y - cy) / 140];
        if (x >= 0 && y >= 0 && x < WIDTH && y < HEIGHT && u * u + v * v + 0.15 * Math.sin(12 * u) < 1)
          pixels[y * WIDTH + x] = 1;
      }
    const mask = encodeMask(pixels, WIDTH, HEIGHT);
    return { label: `thing ${i % 12}`, score: 1 - i / 200, bbox: maskBox(mask), area: maskArea(mask), mask };
  });
  return definePlugin({
    name: 'bench',
    version: '0.1.0',
    api: '^1.0',
    recipes: [
      {
        system: 'bench',
        name: 'many',
        summary: 'A hundred masks.',
        tasks: ['free'],
        wiring: {},
        stages: {},
        bundleRecipe: 'sam/prompted',
        run: async () => ({ answer: '', segments }),
      },
    ],
  });
}

async function zooming(browser, folder) {
  const picture = join(folder, 'large.jpg');
  const noise = { type: 'gaussian', mean: 128, sigma: 40 };
  await sharp({ create: { width: WIDTH / 8, height: HEIGHT / 8, channels: 3, background: 'grey', noise } })
    .resize(WIDTH, HEIGHT)
    .jpeg()
    .toFile(picture);
  const { studio, page } = await open(browser, picture, createDefaultRegistry().register(manyMasks()));
  for (let i = 0; i < SYSTEMS; i++) await page.getByLabel('add a system').selectOption('bench/many');
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', '__metadata'] });
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  await page.waitForFunction((count) => document.querySelectorAll('[data-shown]').length === count, SYSTEMS);
  // At rest again.
  await page.waitForTimeout(3000);
  const answering = longTasks(await browser.stopTracing());
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', '__metadata'] });
  const intervals = await page.evaluate(zoomInAndOut, FRAMES);
  await page.waitForTimeout(3000);
  const moving = longTasks(await browser.stopTracing());
  await page.close();
  await studio.close();
  const middle = median(intervals);
  const what = `${SYSTEMS} systems, ${MASKS} masks each, ${WIDTH} x ${HEIGHT}`;
  return [
    {
      name: "studio: a frame while zooming, time of the page's thread",
      value: ms(moving.total / FRAMES),
      aim: 'under 16.7 ms (60 a second)',
      good: moving.total / FRAMES < 1000 / 60,
      detail: `${what}; by the wall clock ${ms(middle)}, the slowest of twenty ${ms(intervals.sort((a, b) => b - a)[Math.floor(intervals.length / 20)])}`,
    },
    taskRow('zooming', moving, what),
    taskRow('while nine answers arrive', answering, what),
  ];
}

function taskRow(name, { wall, own, longest }, what) {
  return {
    name: `studio: long tasks (over ${LONG_MS} ms), ${name}`,
    value: `${own} (${wall} by the wall clock)`,
    aim: 'none',
    good: own === 0,
    detail: `${what}; the longest had the processor for ${ms(longest)}`,
  };
}

/** Runs in the page: a turn of the wheel every frame, in and out again. */
async function zoomInAndOut(frames) {
  const view = document.querySelectorAll('.view')[1];
  const intervals = [];
  let last;
  for (let i = 0; i < frames; i++) {
    const now = await new Promise(requestAnimationFrame);
    if (last !== undefined) intervals.push(now - last);
    last = now;
    const { left, top, width, height } = view.getBoundingClientRect();
    const place = { clientX: left + width * 0.6, clientY: top + height * 0.4 };
    const deltaY = i < frames / 2 ? -25 : 25;
    view.dispatchEvent(new WheelEvent('wheel', { deltaY, ctrlKey: true, cancelable: true, ...place }));
  }
  return intervals;
}

/** Tasks of the page's main thread, by a trace. */
function longTasks(trace) {
  const { traceEvents } = JSON.parse(trace.toString());
  const main = traceEvents.filter(
    ({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain',
  );
  const threads = new Set(main.map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = traceEvents.filter(
    ({ name, pid, tid, dur }) =>
      (name === 'RunTask' || name === 'ThreadControllerImpl::RunTask') &&
      dur !== undefined &&
      threads.has(`${pid} ${tid}`),
  );
  const own = tasks.map(({ tdur, dur }) => (tdur ?? dur) / 1000);
  return {
    wall: tasks.filter(({ dur }) => dur / 1000 > LONG_MS).length,
    own: own.filter((spent) => spent > LONG_MS).length,
    longest: Math.max(0, ...own),
    total: own.reduce((sum, spent) => sum + spent, 0),
  };
}
