import { MaskloomError } from '@maskloom/core';
import type { ModelPort } from '@maskloom/core';
import type { CheckedModel } from '../bundle/bundle.js';

type Ports = { readonly inputs: readonly ModelPort[]; readonly outputs: readonly ModelPort[] };

/**
 * Compares an opened model with what its manifest promised: the manifest is what every other check
 * relied on. Dynamic axes may differ in name; a fixed axis must be equal on both sides or dynamic in the file.
 * @throws MaskloomError BUNDLE_SHAPE_MISMATCH naming model and port.
 */
export function checkPorts(model: CheckedModel, real: Ports): void {
  compare(model.id, 'inputs', model.inputs, real.inputs);
  compare(model.id, 'outputs', model.outputs, real.outputs);
}

function compare(
  model: string,
  side: 'inputs' | 'outputs',
  declared: readonly ModelPort[],
  real: readonly ModelPort[],
): void {
  const named = new Map(real.map((port) => [port.name, port]));
  for (const port of declared) {
    const found = named.get(port.name);
    named.delete(port.name);
    if (found === undefined) throw mismatch(model, side, port.name, 'the file has no such port');
    if (found.dtype !== port.dtype || !compatible(port.shape, found.shape)) {
      throw mismatch(model, side, port.name, `the manifest says ${show(port)}, the file has ${show(found)}`);
    }
  }
  const extra = side === 'inputs' ? [...named.keys()][0] : undefined;
  if (extra !== undefined)
    throw mismatch(model, side, extra, 'the file needs it and the manifest does not name it');
}

function compatible(declared: ModelPort['shape'], real: ModelPort['shape']): boolean {
  if (declared.length !== real.length) return false;
  return declared.every(
    (axis, index) => typeof axis === 'string' || typeof real[index] === 'string' || axis === real[index],
  );
}

function show(port: ModelPort): string {
  return `${port.dtype} [${port.shape.join(', ')}]`;
}

function mismatch(model: string, side: string, port: string, what: string): MaskloomError {
  return new MaskloomError(
    'BUNDLE_SHAPE_MISMATCH',
    `the model does not have the ports its manifest declares: ${what}`,
    {
      where: `bundle.json: models.${model}.${side}.${port}`,
      hint: 'Export the bundle again.',
    },
  );
}
