import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { packAll, type Packed } from '../../scripts/release/pack.mjs';
import { LocalRegistry } from './local-registry.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Address of the registry that everything is published to. */
    readonly registry: string;
    /** Folder for npm's settings and cache, shared by the projects of a run. */
    readonly home: string;
    /** What was published. */
    readonly packed: readonly Packed[];
  }
}

/** Once per run: packs everything as a release does, and publishes it to a local registry. */
export default async function setUp({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'maskloom-packed-'));
  const registry = await LocalRegistry.start();
  // npm looks at the platforms of the others and never fetches them, so this one's is enough.
  const packed = await packAll(folder, [`${process.platform}-${process.arch}`]);
  for (const { tarball } of packed) await registry.publish(tarball);
  provide('registry', registry.url);
  provide('home', join(folder, 'home'));
  provide('packed', packed);
  return async () => {
    await registry.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
