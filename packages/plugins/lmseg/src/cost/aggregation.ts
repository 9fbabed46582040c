import {
  hostTensor,
  localTensor,
  throwIfAborted,
  type ChainResults,
  type ClassScores,
  type HostTensor,
  type ModelSession,
  type RunContext,
  type Tensor,
  type TextEmbeddings,
} from '@maskloom/core';
import { costVolume, type FusedGrid } from './cost-volume.js';
import { Course, type Feeds } from './course.js';
import { drop, type CostModels, type Layer } from './enhancement.js';
import { KeptEmbeddings } from './kept-embeddings.js';
import { overlapped } from './overlapped.js';
import type { Chunk, ChunkPlan } from './plan-chunks.js';
import { SumsOverClasses, type Totals } from './sums.js';

/** The logit of a class on a view where it takes no part, as in CAT-Seg: its probability is 0. */
const LEFT_OUT = -100;

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
  readonly chunks: ChunkPlan;
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
  readonly #chunks: ChunkPlan;
  readonly #outerResidual: boolean;
  /** Whether all classes go through all layers together: nothing is added up between them, so that they are one message. */
  readonly #together: boolean;
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
    const padded = models.layers.some(({ pads }) => pads !== undefined);
    this.#together = chunks.chunks.length <= 1 && !outerResidual && !padded;
    this.#kept = new KeptEmbeddings(keepBytes);
    this.#totals = views.map(() => []);
  }

  /** Adds up every layer's sums over all classes, where they are in several chunks. */
  async prepare(run: RunContext): Promise<void> {
    if (this.#together) return;
    const { layers } = this.#models;
    const steps = layers.filter(({ sums }) => sums !== undefined).length * this.#views.length;
    let done = 0;
    for (let view = 0; view < this.#views.length; view++) {
      for (const [level, layer] of layers.entries()) {
        if (layer.sums === undefined) continue;
        const row = this.#totals[view] as (Totals | undefined)[];
        row[level] = await this.#sums(view, level, layer.sums, layer.pads, run, (part) =>
          run.progress((done + part) / steps, 'classes'),
        );
        done++;
      }
    }
  }

  /** A layer's sums over all classes of a view. */
  async #sums(
    view: number,
    level: number,
    model: ModelSession,
    pads: ModelSession | undefined,
    run: RunContext,
    progress: (part: number) => void,
  ): Promise<Totals | undefined> {
    const sums = new SumsOverClasses();
    const chunks = this.#chunks.byView[view] ?? [];
    const outputs = ['kv', 'k'];
    // The only sums are not read: they go on to the next model where they are.
    const read = chunks.length > 1 || pads !== undefined ? outputs : [];
    const add = ({ kv, k }: ChainResults[number]): Promise<void> => sums.add(kv as Tensor, k as Tensor, run);
    for (const [chunk, classes] of chunks.entries()) {
      if (classes.length === 0) continue;
      const { course, start } = await this.#course(view, chunk, level, run);
      const feeds = { embed: course.end, text: this.#textOf(classes) };
      const { given, end } = await course.run(model, feeds, { outputs, read, keep: true }, run);
      await add(given);
      if (start !== undefined && start !== end) drop(start, run);
      this.#kept.offer(view, chunk, { level, tensor: end as Tensor }, run);
      progress((chunk + 1) / chunks.length);
    }
    if (pads !== undefined) {
      const count = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      const classes = hostTensor('float32', [1], Float32Array.of(count));
      const asked = { outputs, read, scope: run.scope, signal: run.signal };
      await add(await pads.run({ classes }, asked));
    }
    return sums.totals();
  }

  /** Logits of one chunk on all views. */
  async scores(chunk: number, run: RunContext): Promise<ClassScores> {
    const classes = this.#chunks.chunks[chunk] ?? [];
    const found = await overlapped(this.#views, async (_, view) => {
      const here = this.#chunks.byView[view]?.[chunk] ?? [];
      if (here.length === 0) return undefined;
      const maps = await this.#logits(view, chunk, run);
      const values = spread(await maps.read(), here, classes);
      drop(maps, run);
      if (this.#together) run.progress((view + 1) / this.#views.length, 'classes');
      return { values, dims: maps.dims };
    });
    const [, rows = 0, columns = 0] = found.find((maps) => maps !== undefined)?.dims ?? [];
    const nowhere = () => new Float32Array(classes.length * rows * columns).fill(LEFT_OUT);
    return { classes, rows, columns, logits: found.map((maps) => maps?.values ?? nowhere()) };
  }

  /** Logits of a view's classes [classes, rows, columns]. */
  async #logits(view: number, chunk: number, run: RunContext): Promise<Tensor> {
    const { upsample, layers } = this.#models;
    const { taps } = this.#views[view] as AggregatedView;
    const { course, start } = await this.#course(view, chunk, layers.length, run);
    const feeds = {
      embed: course.end,
      ...Object.fromEntries(taps.map((tap, i) => [`tap${i + 1}`, tap])),
    };
    const output = upsample.outputs[0]?.name ?? '';
    const { given } = await course.run(upsample, feeds, { outputs: [output], read: [output] }, run);
    if (start !== undefined) drop(start, run);
    return given[output] as Tensor;
  }

  /**
   * The way of a chunk's embedding to a level, from what is kept of it or from its costs.
   * @returns `start`: the embedding that it begins with, which the caller has charge of
   */
  async #course(
    view: number,
    chunk: number,
    level: number,
    run: RunContext,
  ): Promise<{ readonly course: Course; readonly start?: Tensor }> {
    throwIfAborted(run.signal, 'lmseg/aggregation');
    const { layers, embed } = this.#models;
    const classes = this.#chunks.byView[view]?.[chunk] ?? [];
    const kept = this.#kept.take(view, chunk);
    let start = kept?.tensor;
    let course = new Course(start ?? this.#costs(view, classes));
    if (kept === undefined) {
      course.through(embed, 'cost');
      this.#spatial(course, view, 0);
    }
    const text = this.#textOf(classes);
    for (let at = kept?.level ?? 0; at < level; at++) {
      const { apply: model, sums } = layers[at] as Layer;
      const totals = this.#together ? sumsAside(course, sums, text) : this.#totals[view]?.[at];
      if (model !== undefined && totals !== undefined) {
        if (this.#outerResidual) {
          const before = start;
          start = await residual(course, model, { text, ...totals }, run);
          if (before !== undefined) drop(before, run);
          course = new Course(start);
        } else course.through(model, 'embed', { text, ...totals });
      }
      this.#spatial(course, view, at + 1);
    }
    return { course, ...(start !== undefined && { start }) };
  }

  /** Layer `at`'s spatial enhancement, where there is one. */
  #spatial(course: Course, view: number, at: number): void {
    const model = this.#models.layers[at]?.spatial;
    if (model !== undefined) course.through(model, 'embed', { guidance: this.#views[view]?.guidance });
  }

  #costs(view: number, classes: Chunk): HostTensor {
    const { grid } = this.#views[view] as AggregatedView;
    const costs = costVolume(grid, this.#text, classes);
    return { ...hostTensor('float32', [classes.length, 1, grid.rows, grid.columns], costs), givenAway: true };
  }

  #textOf(classes: Chunk): HostTensor {
    const { width, values } = this.#text;
    const rows = new Float32Array(classes.length * width);
    classes.forEach((index, i) => rows.set(values.subarray(index * width, (index + 1) * width), i * width));
    return hostTensor('float32', [classes.length, width], rows);
  }
}

/** The sums over all classes as the value's course comes by; see {@link Totals}. */
function sumsAside(course: Course, model: ModelSession | undefined, text: HostTensor): Feeds | undefined {
  if (model === undefined) return undefined;
  const call = course.aside(model, { embed: course.end, text });
  return { kv: { call, output: 'kv' }, k: { call, output: 'k' } };
}

/** What a class layer makes of the end of a course, and that end added once more. */
async function residual(course: Course, model: ModelSession, feeds: Feeds, run: RunContext): Promise<Tensor> {
  const output = model.outputs[0]?.name ?? '';
  const asked = { outputs: [output], read: [output], keep: true };
  const { given, end } = await course.run(model, { ...feeds, embed: course.end }, asked, run);
  const [inner, before] = [given[output] as Tensor, end as Tensor];
  const [sum, more] = await Promise.all([inner.read(), before.read()]);
  drop(inner, run);
  if (before !== course.start) drop(before, run);
  const tensor = localTensor(
    inner.dims,
    sum.map((value, i) => value + (more[i] ?? 0)),
  );
  run.scope.own(tensor);
  return tensor;
}

/** The logits of a view's classes among those of the whole chunk. */
function spread(maps: Float32Array, here: Chunk, classes: Chunk): Float32Array {
  if (here.length === classes.length) return maps;
  const cells = maps.length / here.length;
  const all = new Float32Array(classes.length * cells).fill(LEFT_OUT);
  here.forEach((index, i) =>
    all.set(maps.subarray(i * cells, (i + 1) * cells), classes.indexOf(index) * cells),
  );
  return all;
}
