import { MaskloomError } from '@maskloom/masks';
import type { z } from 'zod';
import type { ModelHost } from '../ports/model-host.js';

/**
 * Reads one group of a bundle's constants by its schema.
 * @param models - the host that the stage was made with; the recipe's own overrides are already merged
 * @param group - the group's name in the bundle's `presets`, e.g. `sam`
 * @param schema - what the group must hold
 * @param hint - what to do about a wrong one
 * @throws MaskloomError BUNDLE_INVALID naming the bundle, the group and the field
 */
export function readPreset<S extends z.ZodType>(
  models: ModelHost,
  group: string,
  schema: S,
  hint = 'Export the bundle again with the training kit.',
): z.output<S> {
  const parsed = schema.safeParse(models.preset(group));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue === undefined ? '' : issue.path.map((key) => `.${String(key)}`).join('');
  throw new MaskloomError(
    'BUNDLE_INVALID',
    `The bundle's preset '${group}' is not valid: ${issue?.message ?? 'unknown reason'}.`,
    { where: `${models.bundle}: presets.${group}${field}`, hint, cause: parsed.error },
  );
}
