import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { createHash, hash } from 'node:crypto';
import { MaskloomError, moveFile, partialPath, placeFile, throwIfAborted } from '@maskloom/core';
import { canonicalJson } from '@maskloom/metrics';
import { decodeLine, encodeLine } from '../../ledger/line.js';
import { PieceReader } from '../../ledger/piece-reader.js';
import { scanLines } from '../../ledger/scan-lines.js';
import { refuseNewer } from '../refuse-newer.js';
import type { EvalScene, SceneRemarks, SceneSet, SceneSetHead } from './scene.js';

const VERSION = 2;
const SCHEMA = `maskloom.scenes/${VERSION}`;

/** The scenes of a run on disk, read one by one: a run needs its data set only once. */
export interface SceneStore extends Disposable {
  /** What all its scenes share. */
  readonly head: SceneSetHead;
  /** What was noticed while the data set was read; absent where nothing could be. */
  readonly remarks?: SceneRemarks;
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
  readonly remarks?: SceneRemarks;
  readonly count: number;
  /** Of the scenes' file. */
  readonly sha256: string;
  /** SHA-256 of everything above, in canonical JSON. */
  readonly check: string;
}

/**
 * Opens the scenes that an earlier start of the run stored, or stores them: written beside, the head last, so that a store
 * is whole or not there. Count and checksums are compared each time, so that a store that was cut short or altered is never
 * taken for a smaller data set.
 * @param path - without ending; `.jsonl` and `.json` are added
 * @param identity - says what was asked for; a store made for something else is replaced
 * @param open - reads the data set when there is no store
 * @throws MaskloomError what the data set throws, `RUN_INVALID` when what is stored is not as it was written or of a newer
 * version, `OUTPUT_UNWRITABLE`, `ABORTED`
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
  const sum = createHash('sha256');
  for (const { offset, bytes, whole } of scanLines(file)) {
    offsets.push(offset);
    lengths.push(bytes.length);
    sum.update(bytes);
    if (whole) sum.update('\n');
  }
  const why =
    offsets.length !== head.count
      ? `it holds ${offsets.length} scenes, ${head.count} were stored`
      : sum.digest('hex') === head.sha256
        ? undefined
        : 'its checksum does not fit';
  if (why !== undefined) {
    closeSync(file);
    throw altered(`${path}.jsonl`, why);
  }
  const pieces = new PieceReader(file);
  const line = (index: number): Buffer => pieces.read(offsets[index] ?? 0, lengths[index] ?? 0);
  return {
    head,
    ...(head.remarks === undefined ? {} : { remarks: head.remarks }),
    count: offsets.length,
    read: (index) => {
      const scene = decodeLine(line(index));
      if (scene !== undefined) return scene as unknown as EvalScene;
      throw altered(`${path}.jsonl`, `scene ${index} is damaged`);
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
  let head: StoredHead;
  try {
    head = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as StoredHead;
  } catch {
    return undefined;
  }
  refuseNewer(head.schema, 'maskloom.scenes/', VERSION, `${path}.json`);
  if (head.schema !== SCHEMA || head.identity !== identity) return undefined;
  if (head.check !== checkOf(head)) throw altered(`${path}.json`, 'its checksum does not fit');
  return head;
}

function checkOf({
  check: _,
  ...rest
}: StoredHead | (Omit<StoredHead, 'check'> & { check?: string })): string {
  return hash('sha256', canonicalJson(rest), 'hex');
}

function altered(where: string, why: string): MaskloomError {
  return new MaskloomError('RUN_INVALID', `The stored scenes are not as they were written: ${why}.`, {
    where,
    hint: 'Remove this file and run the same command again: the data are read anew, finished units are kept.',
  });
}

async function store(
  path: string,
  identity: string,
  { head, scenes, remarks }: SceneSet,
  signal: AbortSignal | undefined,
): Promise<StoredHead> {
  const beside = partialPath(`${path}.jsonl`);
  try {
    const file = openSync(beside, 'w');
    const sum = createHash('sha256');
    let count = 0;
    try {
      for await (const scene of scenes) {
        throwIfAborted(signal, 'reading the data set');
        const line = encodeLine(scene);
        for (let at = 0; at < line.length;) at += writeSync(file, line, at);
        sum.update(line);
        count++;
      }
    } finally {
      closeSync(file);
    }
    const rest = {
      ...head,
      schema: SCHEMA,
      identity,
      count,
      sha256: sum.digest('hex'),
      ...(remarks === undefined ? {} : { remarks: remarks() }),
    };
    const stored = { ...rest, check: checkOf(rest) };
    // Between the two renames an old head would not fit the new scenes, which would be taken for damage.
    rmSync(`${path}.json`, { force: true });
    moveFile(beside, `${path}.jsonl`);
    placeFile(`${path}.json`, `${JSON.stringify(stored, undefined, 1)}\n`);
    return stored;
  } catch (cause) {
    rmSync(beside, { force: true });
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
