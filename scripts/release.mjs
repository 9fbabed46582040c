// `npm run release [-- --dry-run]`: compiles, packs every package as it is published, and publishes the versions that the registry
// does not have yet, then tags them. With --dry-run nothing is published and the network is not touched.
import { mkdtemp, rm } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { buildPage } from './build-page.mjs';
import { run } from './lib/run.mjs';
import { packAll } from './release/pack.mjs';
import { ROOT } from './release/workspaces.mjs';

const execute = promisify(execFile);
const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } } });
const dryRun = values['dry-run'];

await must(process.execPath, ['node_modules/typescript/bin/tsc', '-b']);
await buildPage();
const out = await mkdtemp(join(tmpdir(), 'maskloom-release-'));
try {
  for (const { name, version, tarball, bytes, files } of await packAll(out)) {
    const label = `${name}@${version}`;
    const size = `${(bytes / 1e6).toFixed(2)} MB, ${files.length} files`;
    if (dryRun) console.log(`would publish ${label} (${size}), unless the registry has it`);
    else if (await isPublished(label)) console.log(`${label} is in the registry`);
    else {
      console.log(`publishing ${label} (${size})`);
      await must('npm', ['publish', tarball, '--ignore-scripts']);
    }
  }
  if (!dryRun) await must('npx', ['changeset', 'tag']);
} finally {
  await rm(out, { recursive: true, force: true });
}

async function isPublished(label) {
  try {
    const { stdout } = await execute('npm', ['view', label, 'version'], { cwd: ROOT });
    return stdout.trim() !== '';
  } catch (error) {
    if (/E404/.test(error.stderr)) return false;
    throw error;
  }
}

async function must(command, args) {
  const code = await run(command, args, { cwd: ROOT });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`);
}
