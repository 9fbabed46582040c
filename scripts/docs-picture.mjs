// Makes the README's picture: the top of the report of `npm start`, seen by a headless Chromium.
// `npm start && node scripts/docs-picture.mjs [REPORT] [PICTURE]`; CHROMIUM names the browser when it is not `chromium`.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [report = join(root, 'out/report/report.html'), picture = join(root, 'docs/images/report.png')] =
  process.argv.slice(2);
const LIMIT = 400_000;

if (!existsSync(report)) {
  console.error(`There is no report at ${report}; run npm start first.`);
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'maskloom-picture-'));
const shot = join(folder, 'shot.png');
try {
  const browser = process.env.CHROMIUM ?? 'chromium';
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
  ];
  const seen = [
    '--hide-scrollbars',
    '--window-size=1600,1150',
    '--virtual-time-budget=8000',
    `--screenshot=${shot}`,
  ];
  const { error, status, stderr } = spawnSync(
    browser,
    [...flags, `--user-data-dir=${folder}`, ...seen, pathToFileURL(resolve(report)).href],
    { encoding: 'utf8', timeout: 120_000 },
  );
  if (error !== undefined || !existsSync(shot)) {
    console.error(`${browser} made no picture (${error?.message ?? `exit code ${status}`}). ${stderr ?? ''}`);
    process.exit(1);
  }
  const sharp = createRequire(join(root, 'packages/runtime/package.json'))('sharp');
  mkdirSync(dirname(picture), { recursive: true });
  await sharp(shot).png({ palette: true, quality: 90, effort: 10, compressionLevel: 9 }).toFile(picture);
  const { size } = statSync(picture);
  console.log(`${picture}: ${Math.round(size / 1000)} kB`);
  if (size > LIMIT) {
    console.error(`That is more than ${LIMIT / 1000} kB.`);
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
