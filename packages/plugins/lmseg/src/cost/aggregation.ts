import {
  hostTensor,
  localTensor,
  throwIfAborted,
  type ClassScores,
  type HostTensor,
  type RunContext,
  type Tensor,
  type TextEmbeddings,
} from '@maskloom/core';
import { costVolume, type FusedGrid } from './cost-volume.js';
import { apply, applyAll, drop, type CostModels } from './enhancement.js';
import { KeptEmbeddings } from './kept-embeddings.js';
import type { Chunk } from './plan-chunks.js';
import { SumsOverClasses, type Totals } from './sums.js';

/** One view as the aggregation reads it. */
export interface AggregatedView {
  readonly grid: FusedGrid;
  /** The text-aligned tower's tokens [1, L, C]. */
  readonly guidance: Tensor;
  /** Intermediate layers, shallow first. */
  readonly taps: readonly Tensor[];
}

/** How the classes are worked on. */
export interface AggregationRules {
  readonly chunks: readonly Chunk[];
  /** Bytes kept of intermediate embeddings. */
  readonly keepBytes: number;
  /** Whether a class layer's input is added once more to its result. */
  readonly outerResidual: boolean;
}

/**
 * Works a cost volume through its enhancement layers a chunk of classes at a time. Classes meet only in the class
 * attention's sums, which are added up over all chunks before any chunk uses them: the result is that of all classes at
 * once. Level l is the embedding that layer l's sums are taken of; level `layers` is what is upsampled.
 */
export class Aggregation {
  readonly #models: CostModels;
  readonly #views: readonly AggregatedView[];
  readonly #text: TextEmbeddings;
  readonly #chunks: readonly Chunk[];
  readonly #outerResidual: boolean;
  readonly #kept: KeptEmbeddings;
  /** By view, then by layer; undefined where a layer has no class attention. */
  readonly #totals: (Totals | undefined)[][];

  constructor(
    models: CostModels,
    views: readonly AggregatedView[],
    text: TextEmbeddings,
    { chunks, keepBytes, outerResidual }: AggregationRules,
  ) {
    this.#models = models;
    this.#views = views;
    this.#text = text;
    this.#chunks = chunks;
    this.#outerResidual = outerResidual;
    this.#kept = new KeptEmbeddings(keepBytes);
    this.#totals = views.map(() => []);
  }

  /** Adds up every layer's sums over all classes. */
  async prepare(run: RunContext): Promise<void> {
    const { layers } = this.#models;
    const steps = layers.filter(({ sums }) => sums !== undefined).length * this.#views.length;
    let done = 0;
    for (let view = 0; view < this.#views.length; view++) {
      for (const [level, { sums: model, pads }] of layers.entries()) {
        if (model === undefined) continue;
        const sums = new SumsOverClasses();
        for (let chunk = 0; chunk < this.#chunks.length; chunk++) {
          const embed = await this.#embedding(view, chunk, level, run);
          const feeds = { embed, text: this.#textOf(chunk) };
          const [kv, k] = await applyAll(model, feeds, run, ['kv', 'k']);
          await sums.add(kv as Tensor, k as Tensor, run);
          this.#kept.offer(view, chunk, { level, tensor: embed }, run);
          run.progress((done + (chunk + 1) / this.#chunks.length) / steps, 'classes');
        }
        if (pads !== undefined) {
          const classes = this.#chunks.reduce((count, chunk) => count + chunk.length, 0);
          const feeds = { classes: hostTensor('float32', [1], Float32Array.of(classes)) };
          const [kv, k] = await applyAll(pads, feeds, run, ['kv', 'k']);
          await sums.add(kv as Tensor, k as Tensor, run);
        }
        const row = this.#totals[view] as (Totals | undefined)[];
        row[level] = sums.totals();
        done++;
      }
    }
  }

  /** Logits of one chunk on all views. */
  async scores(chunk: number, run: RunContext): Promise<ClassScores> {
    const logits: Float32Array[] = [];
    let [rows, columns] = [0, 0];
    for (const [view, { taps }] of this.#views.entries()) {
      const embed = await this.#embedding(view, chunk, this.#models.layers.length, run);
      const feeds = {
        embed,
        ...Object.fromEntries(taps.map((tap, i) => [`tap${i + 1}`, tap])),
      };
      const maps = await apply(this.#models.upsample, feeds, run);
      logits.push(await maps.read());
      [, rows = 0, columns = 0] = maps.dims;
      drop(embed, run);
      drop(maps, run);
    }
    return { classes: this.#chunks[chunk] ?? [], rows, columns, logits };
  }

  /** The embedding of a chunk at a level, from what is kept of it or from its costs; the caller has charge of it. */
  async #embedding(view: number, chunk: number, level: number, run: RunContext): Promise<Tensor> {
    throwIfAborted(run.signal, 'lmseg/aggregation');
    const { layers } = this.#models;
    const kept = this.#kept.take(view, chunk);
    let embed = kept?.tensor ?? (await this.#spatial(view, await this.#embedCosts(view, chunk, run), 0, run));
    for (let at = kept?.level ?? 0; at < level; at++) {
      const model = layers[at]?.apply;
      const totals = this.#totals[view]?.[at];
      if (model !== undefined && totals !== undefined) {
        const inner = await apply(model, { embed, text: this.#textOf(chunk), ...totals }, run);
        const next = this.#outerResidual ? await added(inner, embed, run) : inner;
        drop(embed, run);
        embed = next;
      }
      embed = await this.#spatial(view, embed, at + 1, run);
    }
    return embed;
  }

  /** Layer `at`'s spatial enhancement in the place of what it was given; the same where there is none. */
  async #spatial(view: number, embed: Tensor, at: number, run: RunContext): Promise<Tensor> {
    const model = this.#models.layers[at]?.spatial;
    if (model === undefined) return embed;
    const next = await apply(model, { embed, guidance: this.#views[view]?.guidance }, run);
    drop(embed, run);
    return next;
  }

  async #embedCosts(view: number, chunk: number, run: RunContext): Promise<Tensor> {
    const { grid } = this.#views[view] as AggregatedView;
    const classes = this.#chunks[chunk] ?? [];
    const costs = costVolume(grid, this.#text, classes);
    const cost = hostTensor('float32', [classes.length, 1, grid.rows, grid.columns], costs);
    return apply(this.#models.embed, { cost }, run);
  }

  #textOf(chunk: number): HostTensor {
    const { width, values } = this.#text;
    const classes = this.#chunks[chunk] ?? [];
    const rows = new Float32Array(classes.length * width);
    classes.forEach((index, i) => rows.set(values.subarray(index * width, (index + 1) * width), i * width));
    return hostTensor('float32', [classes.length, width], rows);
  }
}

/** The sum of two embeddings of one shape; the first is given back. */
async function added(one: Tensor, other: Tensor, run: RunContext): Promise<Tensor> {
  const [sum, more] = await Promise.all([one.read(), other.read()]);
  drop(one, run);
  const tensor = localTensor(
    one.dims,
    sum.map((value, i) => value + (more[i] ?? 0)),
  );
  run.scope.own(tensor);
  return tensor;
}
