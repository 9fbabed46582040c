import type { ImageFrame } from '../../domain/image-frame.js';
import type { ClassScores, DenseView, ScoreSession } from '../../slots/cost-aggregator.js';
import type { FusedFeatures } from '../../slots/feature-fuser.js';
import type { SlotStages } from '../../slots/slot-stages.js';
import type { RunContext } from '../../slots/stage.js';
import type { TextEmbeddings } from '../../slots/text-embedder.js';
import type { TilePlan } from '../../slots/tiler.js';
import { must, mustAgree, mustBeFinite, mustEqual, mustLieWithin } from '../expectations.js';
import { noise, type Fixture } from '../fixture.js';
import { probe } from '../probe.js';
import { checkSegments } from './segments.js';

/** Probe of the slot Tiler. */
export const tilerProbe = probe('Tiler', {
  call: (stage, at, run) => stage.plan(at.image, run),
  check({ canvas, views }, _stage, at) {
    must(views.length > 0, 'There is no view.');
    must(views.filter(({ kind }) => kind === 'global').length <= 1, 'More than one view is global.');
    const seen = new Uint8Array(canvas.width * canvas.height);
    const windows = views.filter(({ kind }) => kind === 'window');
    for (const { image, x, y } of views) {
      must(image.rgb.length === 3 * image.width * image.height, "A view's pixels do not fill its size.");
      must(
        image.sha256 === at.image.sha256 || image.partOf === at.image.sha256,
        'A view does not say of which image it is a part.',
      );
      must(x >= 0 && y >= 0, `A view begins at ${x}, ${y}.`);
    }
    for (const { image, x, y } of windows) {
      must(
        x + image.width <= canvas.width && y + image.height <= canvas.height,
        'A window leaves the canvas.',
      );
      for (let row = y; row < y + image.height; row++)
        seen.fill(1, row * canvas.width + x, row * canvas.width + x + image.width);
    }
    must(windows.length === 0 || !seen.includes(0), 'The windows do not cover the canvas.');
  },
});

const TEXTS = [['a red cup'], ['a blue ring', 'a ring'], ['grass']] as const;

/** Probe of the slot TextEmbedder. */
export const textEmbedderProbe = probe('TextEmbedder', {
  call: (stage, at, run) => stage.embed(at.keep(TEXTS.map((texts) => [...texts])), run),
  check({ count, width, values }) {
    must(count === TEXTS.length, `${count} embeddings for ${TEXTS.length} classes.`);
    must(values.length === count * width, `${values.length} values do not fill [${count}, ${width}].`);
    for (let row = 0; row < count; row++) mustBeUnit(values.subarray(row * width, (row + 1) * width), 1);
  },
  extra: {
    'embeds nothing when there is no class': async (stage, _at, run) =>
      must((await stage.embed([], run)).count === 0, 'There are embeddings of no class.'),
    'embeds each class by itself': async (stage, _at, run) => {
      const { values, width, count } = await stage.embed(TEXTS, run);
      const turned = await stage.embed([...TEXTS].reverse(), run);
      for (let row = 0; row < count; row++) {
        const other = count - 1 - row;
        mustAgree(
          turned.values.subarray(other * width, (other + 1) * width),
          values.subarray(row * width, (row + 1) * width),
          1e-5,
          'the embedding of a class in another place',
        );
      }
    },
  },
});

function mustBeUnit(vector: ArrayLike<number>, stride: number, length = vector.length, offset = 0): void {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += (vector[offset + i * stride] ?? NaN) ** 2;
  mustLieWithin([Math.sqrt(sum)], 0.999, 1.001, 'the length of a vector');
}

/** Probe of the slot FeatureFuser. */
export const featureFuserProbe = probe('FeatureFuser', {
  call: (stage, at, run) => stage.fuse(at.tokens('vision'), at.maskFeatures(), run),
  async check({ features, weight }) {
    const { rows, columns, width, tensor, layout } = features;
    must(layout === 'grid', `The fused features' layout is ${layout}, not grid.`);
    mustEqual(tensor.dims, [1, width, rows, columns], "the fused features' shape");
    const values = await tensor.read();
    for (let cell = 0; cell < rows * columns; cell++) mustBeUnit(values, rows * columns, width, cell);
    if (weight === undefined) return;
    const length = { scalar: 1, channel: width, position: rows * columns }[weight.kind];
    must(weight.values.length === length, `A weight per ${weight.kind} has ${weight.values.length} values.`);
    mustLieWithin(weight.values, 0, 1, 'the weight');
  },
});

/** Two views of equal shape with unit features. */
function denseViews(at: Fixture): readonly DenseView[] {
  const { grid, text } = at.sizes;
  return [3, 4].map((seed): DenseView => {
    const tokens = at.tokens('vision');
    const fused: FusedFeatures = {
      features: {
        ...tokens,
        space: 'text',
        layout: 'grid',
        tensor: at.unit([1, text, grid, grid], seed),
        width: text,
      },
    };
    const taps = [5, 6].map((tap) => at.tensor([1, grid * grid, at.sizes.vision], tap));
    return { fused, guidance: { ...tokens, taps } };
  });
}

function embeddings(at: Fixture, order: readonly number[]): TextEmbeddings {
  const width = at.sizes.text;
  const values = new Float32Array(order.length * width);
  order.forEach((index, row) => {
    const vector = noise(width, 11 + index);
    const length = Math.hypot(...vector);
    vector.forEach((value, c) => (values[row * width + c] = value / length));
  });
  return at.keep({ count: order.length, width, values });
}

async function allScores(session: ScoreSession, run: RunContext): Promise<readonly ClassScores[]> {
  const all: ClassScores[] = [];
  for (let chunk = 0; chunk < session.chunks; chunk++) all.push(await session.scores(chunk, run));
  return all;
}

/** Each class's maps, all views one after the other. */
function byClass(chunks: readonly ClassScores[]): Map<number, Float32Array> {
  const maps = new Map<number, Float32Array>();
  for (const { classes, rows, columns, logits } of chunks)
    classes.forEach((index, i) => {
      const cells = rows * columns;
      const map = new Float32Array(cells * logits.length);
      logits.forEach((values, view) => map.set(values.subarray(i * cells, (i + 1) * cells), view * cells));
      maps.set(index, map);
    });
  return maps;
}

/** Probe of the slot CostAggregator. */
export const costAggregatorProbe = probe('CostAggregator', {
  async call(stage, at, run) {
    const session = await stage.prepare(denseViews(at), embeddings(at, [0, 1, 2]), run);
    return allScores(session, run);
  },
  check(chunks) {
    for (const { classes, rows, columns, logits } of chunks) {
      must(
        classes.every((index, i) => i === 0 || index > (classes[i - 1] ?? -1)),
        'Classes do not rise.',
      );
      must(logits.length === 2, `${logits.length} maps for two views.`);
      for (const values of logits) {
        must(
          values.length === classes.length * rows * columns,
          `${values.length} logits do not fill the maps.`,
        );
        mustBeFinite(values, 'logits');
      }
    }
    const seen = chunks.flatMap(({ classes }) => classes);
    must(new Set(seen).size === seen.length, 'A class is in two chunks.');
  },
  extra: {
    'scores nothing when there is no class': async (stage, at, run) => {
      const session = await stage.prepare(denseViews(at), embeddings(at, []), run);
      must(session.chunks === 0, `${session.chunks} chunks of no classes.`);
    },
    'gives the classes the same scores in any order': async (stage, at, run) => {
      const order = [2, 0, 1];
      const straight = await stage.prepare(denseViews(at), embeddings(at, [0, 1, 2]), run);
      const first = byClass(await allScores(straight, run));
      const turned = await stage.prepare(denseViews(at), embeddings(at, order), run);
      const second = byClass(await allScores(turned, run));
      order.forEach((index, place) => {
        const [before, after] = [first.get(index), second.get(place)];
        must(before !== undefined && after !== undefined, `Class ${index} has no scores.`);
        mustAgree(after, before, 1e-4, `the scores of class ${index}`);
      });
    },
  },
});

/** Scores that grow to the right for class 0, to the left for class 1, and are low for class 2. */
function plainScores(at: Fixture, labels: number): ScoreSession {
  const side = at.sizes.mask;
  const maps = Float32Array.from({ length: labels * side * side }, (_, i) => {
    const n = Math.floor(i / (side * side));
    const slope = (i % side) - side / 2 + 0.25;
    return n === 0 ? slope : n === 1 ? -slope : -6;
  });
  const classes = Array.from({ length: labels }, (_, n) => n);
  return {
    chunks: labels === 0 ? 0 : 1,
    scores: async () => ({ classes, rows: side, columns: side, logits: [maps, maps] }),
  };
}

function canvasPlan(at: Fixture): TilePlan {
  const side = at.sizes.input;
  const image: ImageFrame = {
    width: side,
    height: side,
    rgb: new Uint8Array(3 * side * side),
    sha256: 'view',
    partOf: at.image.sha256,
  };
  const view = { image, x: 0, y: 0 };
  return at.keep({
    canvas: { width: side, height: side },
    views: [
      { ...view, kind: 'window' },
      { ...view, kind: 'global' },
    ],
  });
}

const assembleScores = (
  stage: SlotStages['SemanticAssembler'],
  at: Fixture,
  run: RunContext,
  labels: readonly string[],
) =>
  stage.assemble(
    { image: at.image, plan: canvasPlan(at), labels, scores: plainScores(at, labels.length) },
    run,
  );

/** Probe of the slot SemanticAssembler. */
export const semanticAssemblerProbe = probe('SemanticAssembler', {
  call: (stage, at, run) => assembleScores(stage, at, run, at.keep(['a', 'b', 'c'])),
  check(segments, _stage, at) {
    for (const { label } of segments)
      must(['a', 'b', 'c'].includes(label), `'${label}' is not a label that was given.`);
    must(segments.length > 0, 'Nothing was found where two classes score high.');
    checkSegments(segments, at);
  },
  extra: {
    'finds nothing when there is no label': async (stage, at, run) =>
      mustEqual(await assembleScores(stage, at, run, []), [], 'the segments of no labels'),
  },
});
