// All set-up that `npm start` and `npm test` need on a machine with only Node: the packages from the
// registry when they are missing or differ from the lock file, then the compiled sources.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildPage } from './build-page.mjs';
import { run } from './lib/run.mjs';

/** The repository's root folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

const LOCK = 'package-lock.json';
// npm's own record of what is installed.
const INSTALLED = 'node_modules/.package-lock.json';

/** True when a package of the lock file is missing or installed in another version. */
function installIsStale() {
  if (!existsSync(`${root}${INSTALLED}`)) return true;
  const wanted = JSON.parse(readFileSync(`${root}${LOCK}`, 'utf8')).packages;
  const installed = JSON.parse(readFileSync(`${root}${INSTALLED}`, 'utf8')).packages;
  return Object.entries(wanted).some(([path, entry]) => {
    if (!path.startsWith('node_modules/')) return false;
    const found = installed[path];
    // Packages for other platforms are in the lock file but never installed here.
    if (found === undefined) return !(entry.optional || entry.devOptional || entry.peer);
    return found.version !== entry.version;
  });
}

/**
 * Makes the repository ready to run; ends the process when it cannot.
 */
export async function setUp() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(
      `Maskloom needs Node 20.19 or later; this is ${process.version}. Install a newer one from https://nodejs.org.`,
    );
    process.exit(1);
  }
  if (installIsStale()) {
    console.error('Installing packages (npm ci) ...');
    await must(
      process.platform === 'win32' ? 'npm.cmd' : 'npm',
      ['ci', '--no-audit', '--no-fund', '--loglevel=error'],
      'npm ci',
    );
  }
  // Incremental: returns at once when nothing changed.
  await must(process.execPath, ['node_modules/typescript/bin/tsc', '-b'], 'tsc -b');
  await buildPage();
}

async function must(command, args, what) {
  const code = await run(command, args, { cwd: root, shell: command.endsWith('.cmd') });
  if (code === 0) return;
  console.error(`${what} failed (exit code ${code}).`);
  process.exit(1);
}
