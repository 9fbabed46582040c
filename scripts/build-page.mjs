// Builds the studio's page (`packages/studio/public`) with Vite, when it is missing or older than what it is made of.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const PAGE = join(root, 'packages/studio/public/index.html');
const MADE_OF = [
  'packages/studio/vite.config.mjs',
  'packages/studio/src/page',
  'packages/report/dist/client',
  'packages/report/src/styles',
  'packages/masks/dist/mask',
  'package-lock.json',
];

/** The page, built when it is not up to date; the sources must be compiled. */
export async function buildPage() {
  if (existsSync(PAGE) && Math.max(...MADE_OF.map(newest)) < statSync(PAGE).mtimeMs) return;
  const { build } = await import('vite');
  await build({ configFile: join(root, 'packages/studio/vite.config.mjs'), logLevel: 'warn' });
}

/** When the newest file of a path was changed, in milliseconds; 0 for none. */
function newest(path) {
  const place = join(root, path);
  if (!existsSync(place)) return 0;
  const own = statSync(place);
  if (!own.isDirectory()) return own.mtimeMs;
  return Math.max(0, ...readdirSync(place).map((name) => newest(join(path, name))));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildPage();
