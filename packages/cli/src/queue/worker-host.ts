import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { WorkerHost } from '@maskloom/queue';
import { cacheDirectory, huggingFaceHome } from '@maskloom/runtime';
import { glob } from 'tinyglobby';
import { namedBundles } from '../config/choices.js';
import type { Workspace } from '../config/workspace.js';
import { resolveSubject } from '../evaluate/resolve-subject.js';
import { openBundles } from '../evaluate/run-bundles.js';
import { codeVersion } from './code-version.js';

/**
 * What this machine has for runs of a queue: the command's own systems and those of the configuration, the bundles that have
 * a name here, those given, and those in the model hub's cache.
 * @param asked - more folders with bundles
 */
export function workerHost(workspace: Workspace, asked: readonly string[] = []): WorkerHost {
  return {
    code: codeVersion(),
    entry: fileURLToPath(new URL('../evaluate/unit-worker.js', import.meta.url)),
    plugins: workspace.sources,
    cache: join(cacheDirectory(), 'queue'),
    bundles: async () => [...asked, ...namedBundles(workspace).values(), ...(await hubBundles())],
    async resolve(recipe, overrides, folders) {
      return resolveSubject(recipe, overrides, workspace, await openBundles(folders));
    },
  };
}

/** Snapshots of the hub's cache that are bundles as they are. */
async function hubBundles(): Promise<readonly string[]> {
  const cache = process.env['HF_HUB_CACHE'] || join(huggingFaceHome(), 'hub');
  if (!existsSync(cache)) return [];
  const found = await glob('models--*/snapshots/*/bundle.json', { cwd: cache, absolute: true });
  return found.map((path) => join(path, '..'));
}
