// Makes the README's picture of the studio: four systems asked by phrase and a turn of a conversation, seen by Debian's Chromium.
// `npm run build && node scripts/docs-studio-picture.mjs [PICTURE]`; CHROMIUM names another browser.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { folderBundle, openBundle, writePng } from '@maskloom/runtime';
import { startStudio } from '@maskloom/studio';
import { makeScene } from '@maskloom/synth';
import { createDefaultRegistry } from 'maskloom';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const [picture = join(root, 'docs/images/studio.webp')] = process.argv.slice(2);
const LIMIT = 200_000;

const folder = mkdtempSync(join(tmpdir(), 'maskloom-picture-'));
const scene = makeScene(8_920_000, 160, 96);
await writePng(join(folder, 'scene.png'), scene.rgb, scene);
const source = folderBundle(bundleDirectory);
const studio = await startStudio({
  registry: createDefaultRegistry(),
  bundles: [{ source, bundle: await openBundle(source) }],
  device: 'cpu',
  inputs: [folder],
});
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/lib/chromium/chromium',
  args: ['--no-sandbox'],
});
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(120_000);
  await page.goto(studio.url);
  await page.getByLabel('phrase or question').fill('the red star');
  const leave = page.locator('.systems > li > button');
  await leave.first().waitFor();
  while ((await leave.count()) > 0) await leave.first().click();
  for (const system of ['stacked-seg/single', 'read/full', 'rose/patch', 'read/points'])
    await page.getByLabel('add a system').selectOption(system);
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  const shown = (count) =>
    page.waitForFunction((cells) => document.querySelectorAll('[data-shown]').length === cells, count);
  await shown(4);
  await page.getByLabel('say what is wrong with rose/patch').fill('make it larger');
  await page.keyboard.press('Enter');
  await shown(5);
  await page.locator('.systems summary', { hasText: 'read/full' }).click();
  await page.locator('.slots').waitFor();
  await page.getByLabel('points', { exact: true }).check();
  await page.evaluate(() => document.activeElement?.blur());
  await page.waitForTimeout(1000);
  const sharp = createRequire(join(root, 'packages/runtime/package.json'))('sharp');
  await sharp(await page.screenshot())
    .webp({ quality: 88 })
    .toFile(picture);
} finally {
  await browser.close();
  await studio.close();
  rmSync(folder, { recursive: true, force: true });
}
const { size } = statSync(picture);
console.log(`${picture}: ${Math.round(size / 1000)} kB`);
if (size > LIMIT) {
  console.error(`That is more than ${LIMIT / 1000} kB.`);
  process.exitCode = 1;
}
