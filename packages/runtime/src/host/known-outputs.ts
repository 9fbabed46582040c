import { isRepeated, MaskloomError } from '@maskloom/core';
import type { DType, Feed, ModelPort, ModelPorts } from '@maskloom/core';
import type { WireTensor } from '../engine/protocol.js';

/** An output that a call will give. */
export interface KnownOutput {
  /** The manifest's name. */
  readonly name: string;
  /** Element type. */
  readonly dtype: DType;
  /** Axis lengths. */
  readonly dims: readonly number[];
}

/**
 * The shapes of outputs before a call, where the ports say them: every axis has a length, or the name of an axis that is fed.
 * @param wanted - outputs; all when undefined
 * @returns undefined where one is not known
 */
export function knownOutputs(
  { inputs, outputs }: ModelPorts,
  feeds: Readonly<Record<string, Feed>>,
  wanted: readonly string[] | undefined,
): readonly KnownOutput[] | undefined {
  const axes = new Map(inputs.flatMap((port) => namedAxes(port, feeds[port.name])));
  const known: KnownOutput[] = [];
  for (const { name, dtype, shape } of outputs) {
    if (wanted?.includes(name) === false) continue;
    const dims = shape.map((axis) => (typeof axis === 'number' ? axis : axes.get(axis)));
    if (!dims.every((length) => length !== undefined)) return undefined;
    known.push({ name, dtype, dims });
  }
  return known;
}

/**
 * Compares what came with what was told before.
 * @throws MaskloomError `MODEL_RUN_FAILED` when a model gives other shapes than its ports say
 */
export function checkKnown(known: readonly KnownOutput[], given: readonly WireTensor[], model: string): void {
  known.forEach(({ name, dims }, i) => {
    const came = given[i]?.dims ?? [];
    if (String(came) === String(dims)) return;
    throw new MaskloomError(
      'MODEL_RUN_FAILED',
      `output '${name}' has shape [${came.join(', ')}], not [${dims.join(', ')}] as its port says`,
      { where: model, hint: 'Export the model again: its axes have wrong names.' },
    );
  });
}

/** An axis without a name is known to nobody. */
function namedAxes({ shape }: ModelPort, feed: Feed | undefined): readonly (readonly [string, number])[] {
  if (feed === undefined || isRepeated(feed)) return [];
  return shape.flatMap((axis, i) => {
    const length = feed.dims[i];
    return typeof axis === 'string' && axis !== '?' && length !== undefined ? [[axis, length] as const] : [];
  });
}
