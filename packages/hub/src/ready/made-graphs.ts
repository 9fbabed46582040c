import { createHash } from 'node:crypto';
import { copyFile, link, mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { realpath } from 'node:fs/promises';
import { z } from 'zod';
import type { BundleFile } from '@maskloom/runtime';
import { withLock } from '../cache/lock.js';
import { writeWhole } from '../cache/refs.js';
import { askForRoom } from '../cache/room.js';
import type { GraphEditor } from '../onnx/graph-editor.js';
import type { GraphPort } from '../onnx/messages.js';
import { writeGraph } from '../onnx/write-graph.js';

/** Changes with every change of what is written, so that graphs of older versions are not taken for ours. */
const VERSION = 2;

const port = z.object({
  name: z.string(),
  element: z.int(),
  shape: z.array(z.union([z.number(), z.string()])),
});
const recordSchema = z.object({
  from: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  inputs: z.array(port),
  outputs: z.array(port),
});

/** A graph that was made from a repository's. */
export interface MadeGraph {
  /** Where it lies. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  /** Paths of the weights beside it, by the names that the graph knows. */
  readonly data: ReadonlyMap<string, string>;
}

/** What a graph is made from. */
export interface Making {
  /** Folder of what Maskloom makes. */
  readonly folder: string;
  /** `owner/name` of the repository. */
  readonly from: string;
  /** The graph's file on this machine. */
  readonly source: string;
  /** The graph and the weights beside it, as a manifest names them. */
  readonly files: readonly BundleFile[];
  /** Paths of the weights beside it. */
  readonly data: readonly string[];
  /** What is made of it, with everything that has a say in the result. */
  readonly recipe: unknown;
  /** Makes it; called only when it was not made before. */
  readonly edit: () => Promise<GraphEditor>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a graph once and keeps it under the hash of what it is made from.
 * @throws MaskloomError DISK_FULL, and what `edit` throws
 */
export async function makeGraph(making: Making): Promise<MadeGraph> {
  const { folder, files, source, recipe, from, signal } = making;
  const key = createHash('sha256')
    .update(JSON.stringify([VERSION, files.map(({ sha256 }) => sha256), basename(source), recipe]))
    .digest('hex');
  const home = join(folder, 'graphs', key);
  const path = join(home, basename(source));
  const known = await readRecord(home);
  if (known !== undefined) return { path, data: dataBeside(home, making.data), ...known };
  return withLock(
    `${home}.lock`,
    signal,
    () => undefined,
    async () => {
      const meanwhile = await readRecord(home);
      if (meanwhile !== undefined) return { path, data: dataBeside(home, making.data), ...meanwhile };
      const editor = await making.edit();
      await askForRoom(folder, files[0]?.bytes ?? 0);
      await mkdir(home, { recursive: true });
      const { bytes, sha256 } = await writeGraph(editor, path);
      for (const data of making.data) await beside(data, join(home, basename(data)));
      const record = { from, bytes, sha256, inputs: editor.inputs, outputs: editor.outputs };
      // Last: a folder with its record is whole.
      await writeWhole(join(home, 'made.json'), JSON.stringify(record));
      return { path, data: dataBeside(home, making.data), ...record };
    },
  );
}

function dataBeside(home: string, data: readonly string[]): ReadonlyMap<string, string> {
  return new Map(data.map((path) => [basename(path), join(home, basename(path))]));
}

async function readRecord(home: string): Promise<z.output<typeof recordSchema> | undefined> {
  const text = await readFile(join(home, 'made.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * Puts weights beside a changed graph. ONNX Runtime takes them only from the graph's own folder, and no link that leads
 * out of it: a second name of the same file, or where the disk is another one, a copy.
 */
async function beside(data: string, to: string): Promise<void> {
  const from = await realpath(data);
  await rm(to, { force: true });
  try {
    await link(from, to);
  } catch {
    await askForRoom(dirname(to), (await stat(from)).size);
    await copyFile(from, to);
  }
}

/**
 * Removes what was made from a repository.
 * @param folder - folder of what Maskloom makes
 * @param id - `owner/name`
 */
export async function removeMade(folder: string, id: string): Promise<void> {
  const graphs = join(folder, 'graphs');
  for (const key of await readdir(graphs).catch(() => [])) {
    const record = await readRecord(join(graphs, key));
    if (record?.from === id) await rm(join(graphs, key), { recursive: true, force: true });
  }
}
