import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { hash } from 'node:crypto';
import { throwIfAborted, MaskloomError } from '@maskloom/core';
import { canonicalJson } from '@maskloom/metrics';
import { decodeLine, encodeLine } from '../../ledger/line.js';
import { PieceReader } from '../../ledger/piece-reader.js';
import { scanLines } from '../../ledger/scan-lines.js';
import type { EvalScene, SceneSet, SceneSetHead } from './scene.js';

const SCHEMA = 'maskloom.scenes/1';

/** The scenes of a run on disk, read one by one: a run needs its data set only once. */
export interface SceneStore extends Disposable {
  /** What all its scenes share. */
  readonly head: SceneSetHead;
  /** Number of scenes. */
  readonly count: number;
  /** The scene at a place in the set's order. */
  read(index: number): EvalScene;
  /** SHA-256 of everything a scene holds but the place of the image's folder. */
  hash(index: number): string;
}

interface StoredHead extends SceneSetHead {
  readonly schema: string;
  readonly identity: string;
  readonly count: number;
}

/**
 * Opens the scenes that an earlier start of the run stored, or stores them: written beside, the head last, so that a store
 * is whole or not there.
 * @param path - without ending; `.jsonl` and `.json` are added
 * @param identity - says what was asked for; a store made for something else is replaced
 * @param open - reads the data set when there is no store
 * @throws MaskloomError what the data set throws, `OUTPUT_UNWRITABLE`, `ABORTED`
 */
export async function openSceneStore(
  path: string,
  identity: unknown,
  open: () => Promise<SceneSet>,
  signal?: AbortSignal,
): Promise<SceneStore> {
  const wanted = canonicalJson(identity);
  const head = readHead(path, wanted) ?? (await store(path, wanted, await open(), signal));
  const file = openSync(`${path}.jsonl`, 'r');
  const offsets: number[] = [];
  const lengths: number[] = [];
  for (const { offset, bytes } of scanLines(file)) {
    offsets.push(offset);
    lengths.push(bytes.length);
  }
  const pieces = new PieceReader(file);
  const line = (index: number): Buffer => pieces.read(offsets[index] ?? 0, lengths[index] ?? 0);
  return {
    head,
    count: offsets.length,
    read: (index) => {
      const scene = decodeLine(line(index));
      if (scene !== undefined) return scene as unknown as EvalScene;
      throw new MaskloomError('RUN_INVALID', `Scene ${index} of the run is damaged.`, {
        where: `${path}.jsonl`,
        hint: 'Remove this file and its .json, and run the same command again: finished units are kept.',
      });
    },
    hash: (index) => hash('sha256', line(index), 'hex'),
    [Symbol.dispose]: () => closeSync(file),
  };
}

/** What a stored set was asked for as; `undefined` when there is none. */
export function readIdentity(path: string): unknown {
  try {
    return JSON.parse((JSON.parse(readFileSync(`${path}.json`, 'utf8')) as StoredHead).identity) as unknown;
  } catch {
    return undefined;
  }
}

function readHead(path: string, identity: string): StoredHead | undefined {
  if (!existsSync(`${path}.json`) || !existsSync(`${path}.jsonl`)) return undefined;
  try {
    const head = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as StoredHead;
    return head.schema === SCHEMA && head.identity === identity ? head : undefined;
  } catch {
    return undefined;
  }
}

async function store(
  path: string,
  identity: string,
  { head, scenes }: SceneSet,
  signal: AbortSignal | undefined,
): Promise<StoredHead> {
  try {
    const file = openSync(`${path}.jsonl.partial`, 'w');
    let count = 0;
    try {
      for await (const scene of scenes) {
        throwIfAborted(signal, 'reading the data set');
        writeSync(file, encodeLine(scene));
        count++;
      }
    } finally {
      closeSync(file);
    }
    const stored = { schema: SCHEMA, identity, count, ...head };
    renameSync(`${path}.jsonl.partial`, `${path}.jsonl`);
    writeFileSync(`${path}.json.partial`, `${JSON.stringify(stored, undefined, 1)}\n`);
    renameSync(`${path}.json.partial`, `${path}.json`);
    return stored;
  } catch (cause) {
    if (MaskloomError.is(cause)) throw cause;
    throw new MaskloomError(
      'OUTPUT_UNWRITABLE',
      `The scenes cannot be stored: ${(cause as Error).message}.`,
      {
        where: path,
        hint: 'Make room or give another folder to --out.',
        cause,
      },
    );
  }
}
