import type { Registry, SegmentRequest } from '@maskloom/core';
import type { SystemChoice } from './choice.js';

/** Where the models of a piece of code come from. */
export interface CodeModels {
  /** What `findBundle` takes. */
  readonly bundle: string;
  /** Where models run. */
  readonly device: string;
}

/**
 * A program that asks the same system, with the same stages in place, about a picture.
 * @param request - what is asked
 */
export function codeOf(
  registry: Registry,
  { recipe, stages, weights }: SystemChoice,
  { bundle, device }: CodeModels,
  request: SegmentRequest,
): string {
  const swaps = Object.entries(stages).map(([name, { stage, options = {} }]) => {
    // Refuses unknown names before they are written down.
    const { stageName } = registry.stage(stage);
    const given = Object.keys(options).length === 0 ? '' : `, ${literal(options)}`;
    return `  .with({ name: ${literal(name)} }, createSpec(registry.stage(${literal(stageName)}, { name: ${literal(name)} })${given}))\n`;
  });
  const found = `registry.recipe(${literal(recipe)})`;
  const composed = weights === undefined ? found : `{ ...${found}, bundleRecipe: ${literal(weights)} }`;
  return `import { compose${swaps.length > 0 ? ', createSpec' : ''} } from '@maskloom/core';
import { loadImage, onnx } from '@maskloom/runtime';
import { createDefaultRegistry, findBundle } from 'maskloom';

const registry = createDefaultRegistry();
await using models = onnx({ bundle: findBundle(${literal(bundle)}), device: ${literal(device)} });
await using pipeline = await compose(${composed})
${swaps.join('')}  .on(models)
  .build();
const image = await loadImage('picture.png');
const prediction = await pipeline.segment(image, ${requestText(request)});
console.log(prediction.answer, prediction.segments.map(({ label, score, area }) => ({ label, score, area })));
`;
}

/** A request as TypeScript: JSON, but for the points, which are typed arrays. */
function requestText(request: SegmentRequest): string {
  const marked = (_: string, value: unknown): unknown =>
    value instanceof Float32Array || value instanceof Int8Array
      ? `@${value.constructor.name}:${[...value].join()}`
      : value;
  return JSON.stringify(request, marked).replaceAll(
    /(?<!\\)"@(Float32Array|Int8Array):([-\d.e,]*)"/g,
    '$1.from([$2])',
  );
}

/** A value as TypeScript: JSON, with quotes as this project writes them. */
function literal(value: unknown): string {
  return typeof value === 'string'
    ? `'${JSON.stringify(value).slice(1, -1).replaceAll("'", "\\'").replaceAll('\\"', '"')}'`
    : JSON.stringify(value);
}
