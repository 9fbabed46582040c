// `npm run release:version`: versions and changelogs from the changesets, then the version where sources state it, and the lock file.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../lib/run.mjs';
import { publicWorkspaces, ROOT } from './workspaces.mjs';

/** Sources that state their package's version: a plugin's, and the command's. */
const STATED = [
  ['src/plugin.ts', /(?<=\bversion: ')[^']+(?=')/],
  ['src/version.ts', /(?<=\bVERSION = ')[^']+(?=')/],
];

await must('npx', ['changeset', 'version']);
for (const { folder, version } of await publicWorkspaces()) {
  for (const [path, pattern] of STATED) {
    const file = join(folder, path);
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) await writeFile(file, text.replace(pattern, version));
  }
}
await must('npm', ['install', '--package-lock-only', '--ignore-scripts', '--no-audit', '--no-fund']);
await must('npx', ['prettier', '--write', '--log-level=warn', '**/CHANGELOG.md', '**/package.json']);

async function must(command, args) {
  const code = await run(command, args, { cwd: ROOT });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`);
}
