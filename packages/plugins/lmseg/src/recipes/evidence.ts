import type {
  ClassEvidence,
  ClassLabel,
  DenseView,
  FusionEvidence,
  FusionWeight,
  ImageFrame,
  ScoreMap,
  Segment,
  SemanticEvidence,
  TextEmbeddings,
  TilePlan,
} from '@maskloom/core';
import { costVolume } from '../cost/cost-volume.js';
import { readGrid } from '../cost/read-grid.js';
import { highestOf } from '../assemble/sigmoid.js';

/** Classes whose cost map is kept: those found, then those of the highest cost. */
const MOST_MAPS = 24;

/** What evidence is made of. */
export interface SemanticFacts {
  readonly image: ImageFrame;
  readonly plan: TilePlan;
  readonly views: readonly DenseView[];
  readonly classes: readonly ClassLabel[];
  readonly descriptions: readonly (readonly string[])[];
  readonly text: TextEmbeddings;
  readonly segments: readonly Segment[];
}

/** What stands behind a result: descriptions, shares, cost maps of the whole image, the learned weight. */
export async function semanticEvidence(facts: SemanticFacts): Promise<SemanticEvidence> {
  const { image, plan, views, classes, descriptions } = facts;
  const pixels = image.width * image.height;
  const areas = new Map(facts.segments.map(({ label, area }) => [label, area]));
  // Only a global view sees the whole image in one map.
  const global = views[plan.views.findIndex(({ kind }) => kind === 'global')];
  const maps = global === undefined ? new Map<number, ScoreMap>() : await costMaps(facts, global, areas);
  const weight = (global ?? views[0])?.fused.weight;
  return {
    views: views.length,
    classes: classes.map(({ label }, index): ClassEvidence => {
      const cost = maps.get(index);
      return {
        label,
        descriptions: descriptions[index] ?? [],
        share: (areas.get(label) ?? 0) / pixels,
        ...(cost === undefined ? {} : { cost }),
      };
    }),
    ...(weight === undefined ? {} : { fusion: fusionEvidence(weight, global, image) }),
  };
}

async function costMaps(
  { image, text, classes }: SemanticFacts,
  { fused }: DenseView,
  areas: ReadonlyMap<string, number>,
): Promise<Map<number, ScoreMap>> {
  const grid = await readGrid(fused.features, text);
  // A few classes' costs are kept from the look at their peaks.
  const kept = classes.length <= MOST_MAPS ? classes.map((_, index) => costVolume(grid, text, [index])) : [];
  const costsOf = (index: number): Float32Array => kept[index] ?? costVolume(grid, text, [index]);
  const peaks = classes.map((_, index) => highestOf(costsOf(index)));
  const order = classes
    .map(({ label }, index) => ({ index, area: areas.get(label) ?? 0, peak: peaks[index] ?? 0 }))
    .sort((a, b) => b.area - a.area || b.peak - a.peak || a.index - b.index);
  return new Map(
    order.slice(0, MOST_MAPS).map(({ index }) => [
      index,
      {
        kind: 'cost',
        rows: grid.rows,
        columns: grid.columns,
        values: costsOf(index),
        covers: [0, 0, image.width, image.height],
      },
    ]),
  );
}

function fusionEvidence(
  { kind, values }: FusionWeight,
  global: DenseView | undefined,
  image: ImageFrame,
): FusionEvidence {
  let [lowest, highest, sum] = [Infinity, -Infinity, 0];
  for (const value of values) {
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
    sum += value;
  }
  const evidence = { kind, mean: sum / Math.max(1, values.length), lowest, highest };
  if (kind !== 'position' || global === undefined) return evidence;
  const { rows, columns } = global.fused.features;
  const map = {
    kind: 'weight' as const,
    rows,
    columns,
    values,
    covers: [0, 0, image.width, image.height] as const,
  };
  return { ...evidence, map };
}
