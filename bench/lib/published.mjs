// Packages as they are published, their files joined, and the programs of lib/start beside them, which find them.
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeStale } from '../../scripts/release/remove-stale.mjs';
import { stagePackage } from '../../scripts/release/pack.mjs';
import { publicWorkspaces } from '../../scripts/release/workspaces.mjs';

/** The programs as they stand in the sources: these find the packages before their files are joined. */
export const PROGRAMS = fileURLToPath(new URL('start/', import.meta.url));

/**
 * Stages packages.
 * @param {readonly string[]} names their names, without `@maskloom/`; `maskloom` is the command
 * @param {string} place a folder name of its own for whoever measures
 * @returns {Promise<string>} the folder with the programs that find them
 */
export async function stagePublished(names, place) {
  // Ignored by git, like every `out/`; inside the repository, so that what is not staged is found in its `node_modules`.
  const staged = fileURLToPath(new URL(`../../out/${place}/`, import.meta.url));
  const needed = names.map((name) => (name === 'maskloom' ? name : `@maskloom/${name}`));
  await rm(staged, { recursive: true, force: true });
  for (const { name, folder } of await publicWorkspaces()) {
    if (!needed.includes(name)) continue;
    await removeStale(folder);
    await stagePackage(name, folder, join(staged, 'node_modules', name));
  }
  const programs = join(staged, 'programs');
  await cp(PROGRAMS, programs, { recursive: true });
  return programs;
}
