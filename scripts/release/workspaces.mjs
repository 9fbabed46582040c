import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The repository's root folder. */
export const ROOT = new URL('../../', import.meta.url).pathname;

/**
 * The workspaces that are published, each after those it depends on.
 * @returns {Promise<{name: string, version: string, folder: string, manifest: object}[]>}
 */
export async function publicWorkspaces() {
  const { stdout } = await execute('npm', ['query', '.workspace'], { cwd: ROOT, maxBuffer: 64e6 });
  const found = JSON.parse(stdout)
    .filter((one) => one.private !== true)
    .map(({ name, version, path, dependencies = {} }) => ({ name, version, folder: path, dependencies }));
  return inOrder(found);
}

/** Depth first over the dependencies; the imports between packages point one way, so there is no circle. */
function inOrder(packages) {
  const byName = new Map(packages.map((one) => [one.name, one]));
  const ordered = new Set();
  const visit = (one) => {
    for (const name of Object.keys(one.dependencies)) if (byName.has(name)) visit(byName.get(name));
    ordered.add(one);
  };
  for (const one of packages) visit(one);
  return [...ordered];
}
