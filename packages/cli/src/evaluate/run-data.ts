import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MaskloomError, type Size } from '@maskloom/core';
import type { Drawn } from '@maskloom/data';
import { runPaths, syntheticScenes, type Ablation, type RunPart, type SceneSet } from '@maskloom/eval';
import { writeSynth } from '@maskloom/synth';

import { realData } from './real-data.js';

/** The data of a run: its parts, what identifies them, and how they are read. */
export interface RunData {
  readonly world: 'synthetic' | 'real';
  readonly parts: readonly RunPart[];
  identity(part: string): unknown;
  open(part: string, scratch: string): Promise<SceneSet>;
}

/** What data a run is on. */
export interface DataOptions {
  /** A folder with a data set; the synthetic world is generated when absent. */
  readonly data?: string;
  /** Scenes of each part; the table's own number when absent. */
  readonly count?: number;
  /** First seed of every generated part; the table's own when absent. */
  readonly seed?: number;
  /** Of generated scenes, in pixels; 128 x 128 when absent. */
  readonly size?: Size;
  /** Invented classes that the weights have not seen. */
  readonly unseen?: readonly string[];
  /** Which form of pictures annotations are drawn on; the format's own rule when absent. */
  readonly drawn?: Drawn;
  /** An annotation file in place of the layout's own. */
  readonly annotations?: string;
  /** The folder that image names start from, in place of the layout's own. */
  readonly images?: string;
  /** Largest width * height of a picture that is read; 100,000,000 when absent. */
  readonly maxPixels?: number;
  /** End at the first record that cannot be read, in place of leaving it out. */
  readonly strict?: boolean;
  /** Ends the run with `ABORTED`; what has been computed is kept. */
  readonly signal: AbortSignal;
  /** Called with `<done>/<count> scenes of <part>` while scenes are generated. */
  readonly onProgress?: (line: string) => void;
}

/**
 * The data of some tables: generated scenes of the synthetic world, a folder that it wrote, or real data sets.
 * @param out - the run's folder, which keeps generated scenes
 * @throws MaskloomError DATA_NOT_FOUND
 */
export async function runData(
  tables: readonly Ablation[],
  out: string,
  options: DataOptions,
): Promise<RunData> {
  if (options.data === undefined) return generated(tables, out, options);
  if (!existsSync(options.data))
    throw new MaskloomError('DATA_NOT_FOUND', 'There is no such folder.', { where: options.data });
  if (existsSync(join(options.data, 'synth.json'))) return written(tables, resolve(options.data), options);
  return realData(tables, resolve(options.data), options);
}

function generated(tables: readonly Ablation[], out: string, options: DataOptions): RunData {
  const { width, height } = options.size ?? { width: 128, height: 128 };
  const known = new Map<string, { readonly seed: number; readonly count: number }>();
  for (const { data } of tables)
    for (const [name, part] of Object.entries(data.synthetic)) {
      const count = Math.max(options.count ?? part.count, known.get(name)?.count ?? 0);
      known.set(name, { seed: options.seed ?? part.seed, count });
    }
  const sourceOf = (name: string): Readonly<Record<string, string | number>> => {
    const { seed, count } = known.get(name) ?? { seed: 0, count: 0 };
    return { format: 'synthetic world', seed, count, size: `${width} x ${height}` };
  };
  return {
    world: 'synthetic',
    parts: [...known.keys()].map((name) => ({ name, source: sourceOf(name) })),
    identity: (name) => ({ ...sourceOf(name), unseen: options.unseen ?? [] }),
    async open(name, scratch) {
      const { seed, count } = known.get(name) ?? { seed: 0, count: 0 };
      const folder = join(runPaths(resolve(out)).data, name);
      if (!holds(folder, { seed, count, width, height })) {
        rmSync(folder, { recursive: true, force: true });
        await writeSynth({
          out: folder,
          count,
          seed,
          width,
          height,
          signal: options.signal,
          onProgress: (done) => options.onProgress?.(`${done}/${count} scenes of ${name}`),
        });
      }
      return syntheticScenes({ folder, scratch, unseen: options.unseen ?? [] });
    },
  };
}

/** Whether a folder already holds the scenes wanted: a run that was interrupted while it began. */
function holds(folder: string, wanted: Readonly<Record<string, number>>): boolean {
  try {
    const synth = JSON.parse(readFileSync(join(folder, 'synth.json'), 'utf8')) as Readonly<
      Record<string, unknown>
    >;
    return Object.entries(wanted).every(([key, value]) => synth[key] === value);
  } catch {
    return false;
  }
}

function written(tables: readonly Ablation[], folder: string, { count, unseen = [] }: DataOptions): RunData {
  const names = [...new Set(tables.flatMap(({ data }) => Object.keys(data.synthetic)))];
  const synth = JSON.parse(readFileSync(join(folder, 'synth.json'), 'utf8')) as Readonly<
    Record<string, unknown>
  >;
  const source = {
    format: 'synthetic world',
    seed: Number(synth['seed']),
    count: Math.min(Number(synth['count']), count ?? Infinity),
  };
  return {
    world: 'synthetic',
    parts: names.map((name) => ({ name, source })),
    identity: () => ({ folder, unseen, ...source }),
    open: (_, scratch) => syntheticScenes({ folder, scratch, unseen, limit: count }),
  };
}
