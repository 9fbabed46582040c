import { MaskloomError } from '@maskloom/core';
import {
  folderBundle,
  parseManifest,
  bundleFiles,
  freeMemory,
  sizeText,
  type BundleSource,
  type LocatedBundle,
} from '@maskloom/runtime';
import { openRepository, pullFiles, type OpenRepository, type PullOptions } from './cache/pull.js';
import type { ListedFile } from './client/look-up.js';
import type { Progress } from './client/progress.js';
import { readRepository } from './client/repository.js';
import { hubSettings, type HubSettings } from './client/settings.js';
import { adapterFor } from './ready/adapters.js';
import type { Adapter } from './ready/adapter.js';
import { BundleBuilder } from './ready/bundle-builder.js';
import { findGraph, type DTypeChoice, type ReadyGraph } from './ready/dtypes.js';
import { missingWeights } from './ready/missing-weights.js';
import { RepositoryFiles } from './ready/repository-files.js';

/** Options of {@link hubBundle}. */
export interface HubBundleOptions {
  /** A branch, a tag or a commit; `main` when absent. */
  readonly revision?: string;
  /** Form of the weights, for all graphs or by graph (`{ vision_encoder: 'fp16' }`); `fp32` when absent. */
  readonly dtype?: DTypeChoice;
  /** The repository with the original weights, where the graphs leave some out; that of the repository's card when absent. */
  readonly weightsFrom?: string;
  /** Where hub and cache are; read from the environment, as Python's `huggingface_hub` does, when absent. */
  readonly settings?: HubSettings;
  /** Told several times a second how far a download is. */
  readonly onProgress?: (progress: Progress) => void;
  /** Told what the bundle cannot do. */
  readonly onWarning?: (message: string) => void;
  /** Bytes of memory that models may take; what the system says is free when absent. */
  readonly memory?: number;
}

/**
 * A repository of a model hub as a bundle. One that holds a `bundle.json` is a bundle as it is; one with ready-made ONNX
 * graphs (transformers.js, optimum) becomes one by the adapter for its `model_type`. Files go to the cache that Python's
 * `huggingface_hub` uses; what is there is not fetched again.
 * @param name - `owner/name`, or `owner/name@revision`
 * @throws MaskloomError VALUE_INVALID for another form of name. When it is opened: HUB_NOT_FOUND, HUB_ACCESS_DENIED,
 * HUB_UNREACHABLE, HUB_OFFLINE, HUB_FILE_DAMAGED, MODEL_UNSUPPORTED, DISK_FULL, MEMORY_FULL, ABORTED
 */
export function hubBundle(name: string, options: HubBundleOptions = {}): BundleSource {
  const repository = readRepository(name, options.revision);
  return {
    description: `${repository.id}@${repository.revision}`,
    locate: async (signal) => {
      const settings = options.settings ?? hubSettings();
      const open = await openRepository(repository, settings, signal);
      const pulling: PullOptions = { signal, onProgress: options.onProgress };
      const bundle = open.files.find(({ path }) => path === 'bundle.json');
      return bundle === undefined
        ? locateReady(open, options, pulling)
        : locateBundle(open, bundle, options, pulling);
    },
  };
}

/**
 * Brings here what {@link hubBundle} would need, and makes the graphs that have to be made.
 * @returns the bundle's place
 */
export async function pullBundle(
  name: string,
  options: HubBundleOptions = {},
  signal?: AbortSignal,
): Promise<LocatedBundle> {
  return hubBundle(name, { memory: Infinity, ...options }).locate(signal);
}

/** A repository that is a Maskloom bundle. */
async function locateBundle(
  open: OpenRepository,
  bundle: ListedFile,
  options: HubBundleOptions,
  pulling: PullOptions,
): Promise<LocatedBundle> {
  await pullFiles(open, [bundle], pulling);
  const located = await folderBundle(open.snapshot).locate(pulling.signal);
  const named = bundleFiles(parseManifest(located.manifest, `${open.repository.id}: bundle.json`));
  const wanted = new Set(named.map(({ file }) => file.file));
  const files = open.files.filter(({ path }) => wanted.has(path));
  checkMemory(files, options);
  await pullFiles(open, files, pulling);
  return located;
}

async function locateReady(
  open: OpenRepository,
  options: HubBundleOptions,
  pulling: PullOptions,
): Promise<LocatedBundle> {
  const { repository, info, commit } = open;
  const files = new RepositoryFiles(open, pulling);
  await files.describe();
  const config = await files.json('config.json');
  const adapter = adapterFor(config, repository.id);
  const graphs = chooseGraphs(open, adapter, options.dtype);
  const parts = [...graphs.values()].flatMap(({ file, data }) => [file, ...data]);
  checkMemory(parts, options);
  await pullFiles(open, parts, pulling);
  const modelType = config?.['model_type'];
  const dtypes = Object.fromEntries([...graphs].map(([stem, { dtype }]) => [stem, dtype]));
  const builder = new BundleBuilder(files, {
    license: info?.license ?? 'unknown',
    origin: { repository: repository.id, commit, modelType, dtypes },
  });
  await adapter.adapt({
    files,
    config: config ?? {},
    preprocessor: (await files.json('preprocessor_config.json')) ?? {},
    graphs,
    builder,
    weights: (names) => missingWeights(open, names, options.weightsFrom, pulling.signal),
    warn: options.onWarning ?? (() => undefined),
  });
  const { manifest, elsewhere } = builder.finish();
  return { root: open.snapshot, manifest: JSON.stringify(manifest), elsewhere };
}

/** The first set of graphs that the repository has. */
function chooseGraphs(
  { files, repository: { id } }: OpenRepository,
  adapter: Adapter,
  dtype: DTypeChoice | undefined,
): ReadonlyMap<string, ReadyGraph> {
  for (const stems of adapter.graphs) {
    const found = stems.map((stem) => findGraph(files, stem, dtype));
    const whole = found.filter((graph) => graph !== undefined);
    if (whole.length === stems.length) return new Map(whole.map((graph) => [graph.stem, graph]));
  }
  const graphs = files.filter(({ path }) => path.endsWith('.onnx')).map(({ path }) => path);
  const wanted = adapter.graphs.map((stems) => stems.join(' and ')).join(', or ');
  throw new MaskloomError(
    'MODEL_UNSUPPORTED',
    graphs.length === 0
      ? `The repository ${id} has no ONNX graphs.`
      : `The repository ${id} does not have the graphs that are needed: ${wanted}.`,
    {
      where: id,
      hint:
        graphs.length === 0
          ? 'Take one made for transformers.js (its name often ends in -ONNX), or convert this one with the training kit.'
          : `It has: ${graphs.join(', ')}.`,
    },
  );
}

/** Weights that alone are more than the free memory cannot be opened. */
function checkMemory(files: readonly ListedFile[], { memory = freeMemory() }: HubBundleOptions): void {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (bytes <= memory) return;
  throw new MaskloomError(
    'MEMORY_FULL',
    `The weights take ${sizeText(bytes)} and ${sizeText(memory)} of memory are free.`,
    {
      where: 'hub',
      hint: "Take a smaller form (dtype: 'q8', 'q4'), or close other programs.",
    },
  );
}
