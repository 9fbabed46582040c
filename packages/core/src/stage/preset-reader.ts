import type { z } from 'zod';
import type { ModelHost } from '../ports/model-host.js';
import { readPreset } from './read-preset.js';

/**
 * A reader of one group of a bundle's constants, see {@link readPreset}.
 * @param group - the group's name in the bundle's `presets`, e.g. `sam`
 * @param schema - what the group must hold
 * @returns throws MaskloomError BUNDLE_INVALID naming the field
 */
export function presetReader<S extends z.ZodType>(
  group: string,
  schema: S,
): (models: ModelHost) => z.output<S> {
  return (models) => readPreset(models, group, schema);
}
