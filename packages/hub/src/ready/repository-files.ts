import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MaskloomError } from '@maskloom/core';
import { blobName } from '../cache/fetch-file.js';
import { pullFiles, type OpenRepository, type PullOptions } from '../cache/pull.js';
import type { ListedFile } from '../client/look-up.js';
import { knownHash, HashMemory, type BundleFile } from '@maskloom/runtime';
import { readGraphFile, type GraphFile } from '../onnx/graph-file.js';
import type { ReadyGraph } from './dtypes.js';

/** JSON of a configuration file. */
export type Json = Readonly<Record<string, unknown>>;

/** Files that say what the graphs are; small. */
const DESCRIBING = [
  'config.json',
  'preprocessor_config.json',
  'processor_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'generation_config.json',
];

/** The files of a repository that are here, and those that are brought here when they are asked for. */
export class RepositoryFiles {
  constructor(
    readonly open: OpenRepository,
    readonly options: PullOptions,
  ) {}

  /** `owner/name`. */
  get id(): string {
    return this.open.repository.id;
  }

  /** The listing of a file. */
  listed(path: string): ListedFile | undefined {
    return this.open.files.find((file) => file.path === path);
  }

  /** Its path on this machine. */
  path(file: string): string {
    return join(this.open.snapshot, ...file.split('/'));
  }

  /** Brings the describing files here. */
  async describe(): Promise<void> {
    await pullFiles(
      this.open,
      this.open.files.filter(({ path }) => DESCRIBING.includes(path)),
      this.options,
    );
  }

  /**
   * A configuration file, or `undefined` when the repository has none of that name.
   * @throws MaskloomError MODEL_UNSUPPORTED when it is not a JSON object
   */
  async json(name: string): Promise<Json | undefined> {
    if (this.listed(name) === undefined) return undefined;
    const text = await readFile(this.path(name), 'utf8');
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
    } catch {
      // Said below.
    }
    throw new MaskloomError('MODEL_UNSUPPORTED', `The repository's ${name} is not a JSON object.`, {
      where: `${this.id}: ${name}`,
    });
  }

  /**
   * What a manifest says of a file. A large file's SHA-256 is the ETag that it is kept under: it is compared with the
   * contents when the bundle is opened.
   */
  async entry({ path, size }: ListedFile): Promise<BundleFile> {
    const here = this.path(path);
    const etag = await blobName(here);
    const memory = new HashMemory(this.open.settings.madeFiles);
    const sha256 =
      etag !== undefined && /^[0-9a-f]{64}$/.test(etag) ? etag : await knownHash(here, { memory });
    return { file: path, bytes: size, sha256 };
  }

  /**
   * A graph's ports, nodes and the descriptions of its weights.
   * @throws MaskloomError HUB_FILE_DAMAGED when the graph is not whole, or weights that it names are missing or cut short
   */
  async graph({ file, data }: ReadyGraph): Promise<GraphFile> {
    const graph = await readGraphFile(this.path(file.path));
    const folder = file.path.split('/').slice(0, -1);
    for (const { location, reach, name } of graph.initializers.values()) {
      if (location === undefined) continue;
      const beside = data.find(({ path }) => path === [...folder, location].join('/'));
      if (beside !== undefined && beside.size >= reach) continue;
      const what =
        beside === undefined ? 'is not there' : `has ${beside.size} bytes; '${name}' alone ends at ${reach}`;
      throw new MaskloomError('HUB_FILE_DAMAGED', `The weights '${location}' of ${file.path} ${what}.`, {
        where: `${this.id}: ${file.path}`,
        hint: 'The repository is incomplete; fetch it again, or take another form (dtype) of it.',
      });
    }
    return graph;
  }
}
