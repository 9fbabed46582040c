import { z } from 'zod';
import {
  defineStage,
  FeatureFuser,
  hostTensor,
  throwIfAborted,
  type BuildContext,
  type FeatureMap,
  type FusedFeatures,
  type FusionWeight,
  type HostTensor,
  type ModelSession,
  type RunContext,
  type StageFactory,
  type Tensor,
  type TensorLike,
} from '@maskloom/core';

const options = z.object({
  weight: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      'Weight of the text-aligned features in place of the learned one: 1 is CLIP alone, 0 SAM alone.',
    ),
});

/** Options of {@link fusion}. */
export interface FusionOptions {
  /** Weight of the text-aligned features in place of the learned one, 0..1: 1 is CLIP alone, 0 SAM alone. */
  readonly weight?: number | undefined;
}

/**
 * LMSeg's fusion as the bundle's model does it: `w * Fc + (1 - w) * Fs` with the learned weight (section 3.3), or the
 * sum, concatenation or attention of an ablation row; which one is the recipe's choice of model. `weight` stands in
 * for the learned weight and needs the model of role `fusionAt`.
 */
export const fusion: StageFactory<
  'FeatureFuser',
  z.ZodType<unknown, FusionOptions | undefined>,
  'dense-features' | 'mask-features',
  'fused-features'
> = defineStage({
  slot: FeatureFuser,
  name: 'lmseg/fusion',
  summary: "Fuses CLIP's and SAM's features by the bundle's model; optionally by a weight of one's own.",
  options,
  needs: ['dense-features', 'mask-features'],
  gives: ['fused-features'],
  create: (given, context) => create(given.weight, context),
});

async function create(weight: number | undefined, { models }: BuildContext) {
  const session = await models.model(weight === undefined ? 'fusion' : 'fusionAt');
  const own = weight === undefined ? undefined : ownWeight(session, weight);
  return {
    device: session.device,
    fuse: async (dense: FeatureMap, spatial: FeatureMap, run: RunContext): Promise<FusedFeatures> => {
      throwIfAborted(run.signal, 'lmseg/fusion');
      const all: Readonly<Record<string, TensorLike | undefined>> = {
        clip: dense.tensor,
        sam: spatial.tensor,
        weight: own,
      };
      // An exporter leaves out what a graph does not use: "CLIP only" has no input `sam`.
      const feeds = Object.fromEntries(
        session.inputs.flatMap(({ name }) => (all[name] === undefined ? [] : [[name, all[name]]])),
      ) as Readonly<Record<string, TensorLike>>;
      const outputs = session.outputs.map(({ name }) => name).filter((name) => /^(fused|weight)$/.test(name));
      // Whatever compares features with texts reads them.
      const given = await session.run(feeds, {
        outputs,
        read: ['fused'],
        scope: run.scope,
        signal: run.signal,
      });
      const tensor = given['fused'];
      if (tensor === undefined) throw new Error(`Model ${session.id} gave no output 'fused'.`);
      const [, width = 0, rows = 0, columns = 0] = tensor.dims;
      const features: FeatureMap = {
        space: `${dense.space}-fused`,
        layout: 'grid',
        tensor,
        width,
        rows,
        columns,
        transform: dense.transform,
      };
      const read = await weightOf(own ?? given['weight']);
      return { features, ...(read === undefined ? {} : { weight: read }) };
    },
  };
}

/** The weight that is fed, in the shape that the model wants: one number, one per channel, or one per cell. */
function ownWeight(session: ModelSession, weight: number): HostTensor {
  const shape = session.inputs.find(({ name }) => name === 'weight')?.shape ?? [1];
  const dims = shape.map((axis) => (typeof axis === 'number' ? axis : 1));
  const length = dims.reduce((product, axis) => product * axis, 1);
  return hostTensor('float32', dims, new Float32Array(length).fill(weight));
}

async function weightOf(weight: HostTensor | Tensor | undefined): Promise<FusionWeight | undefined> {
  if (weight === undefined) return undefined;
  const values = 'read' in weight ? await weight.read() : (weight.data as Float32Array);
  const kind = weight.dims.length > 1 ? 'position' : values.length > 1 ? 'channel' : 'scalar';
  return { kind, values };
}
