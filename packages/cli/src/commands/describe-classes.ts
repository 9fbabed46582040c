import { MaskloomError, parseLabels, tensorScope, type ModelHost } from '@maskloom/core';
import {
  ATTRIBUTES,
  DESCRIPTIONS_SCHEMA,
  LOCAL_MODELS,
  localModel,
  type DescriptionSource,
  type StoredDescriptions,
} from '@maskloom/lmseg';
import { onnx, type OnnxSource } from '@maskloom/runtime';
import { openBundles } from '../bundles/open-bundles.js';
import { progressLine } from '../hub/progress-line.js';
import type { Terminal } from '../terminal/terminal.js';

/**
 * Has classes described, attribute by attribute.
 * @param labels - names; of `cat|kitten` each name is described
 * @param models - what a source that runs models opens them from
 * @throws MaskloomError those of the source
 */
export async function describeClasses(
  labels: readonly string[],
  source: DescriptionSource,
  models: ModelHost | undefined,
  terminal: Terminal,
): Promise<StoredDescriptions> {
  const { signal } = terminal;
  const warn = (message: string): void => terminal.warn(message);
  const describer = await source.open({ models: models as ModelHost, signal, warn });
  const names = parseLabels(labels, '--labels').classes.flatMap((one) => one.names);
  const classes: Record<string, Record<string, readonly string[]>> = {};
  for (const [i, name] of names.entries()) {
    terminal.progress(`${i + 1}/${names.length} ${name}`);
    const own: Record<string, readonly string[]> = {};
    for (const attribute of ATTRIBUTES) {
      const scope = models?.scope() ?? tensorScope();
      const run = { signal, scope, warn, progress: () => undefined };
      try {
        const [sentences] = await describer.describe([name], attribute, run);
        if (sentences !== undefined) own[attribute] = sentences;
      } finally {
        scope.release();
      }
    }
    classes[name] = own;
  }
  return { schema: DESCRIPTIONS_SCHEMA, source: source.name, classes };
}

/**
 * Opens the language model of bundles.
 * @throws MaskloomError BUNDLE_INVALID when none has one
 */
export async function openLocalModel(
  bundles: readonly string[],
  device: Parameters<typeof onnx>[0]['device'],
  terminal: Terminal,
): Promise<{ readonly source: DescriptionSource; readonly host: ModelHost; readonly models: OnnxSource }> {
  const opened = await openBundles(bundles, terminal.signal, { onProgress: progressLine(terminal) });
  const ids = opened.flatMap(({ bundle }) => bundle.recipes);
  const recipe = LOCAL_MODELS.find((id) => ids.includes(id));
  if (recipe === undefined) {
    throw new MaskloomError('BUNDLE_INVALID', 'No bundle has a language model that writes by itself.', {
      where: '--bundle',
      hint: `It needs one of the recipes ${LOCAL_MODELS.join(', ')}; the bundles have: ${ids.join(', ')}.`,
    });
  }
  const models = onnx({
    bundle: opened.map(({ source }) => source),
    ...(device === undefined ? {} : { device }),
  });
  const names = opened.map(({ bundle }) => bundle.name).join(', ');
  const source = localModel({ recipe });
  return { source: { ...source, name: `${recipe} of ${names}` }, host: await models.open(recipe), models };
}
