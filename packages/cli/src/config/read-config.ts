import { MaskloomError, suggest, type Plugin } from '@maskloom/core';
import { z } from 'zod';
import type { MaskloomConfig } from './config.js';
import type { ModuleExports } from './import-module.js';

const DEVICES = ['auto', 'cpu', 'webgpu', 'cuda', 'coreml', 'dml'] as const;
const text = z.string().min(1);
const schema = z.strictObject({
  plugins: z
    .array(z.union([text, z.custom<Plugin>(isPlugin, 'neither a plugin nor the name of a module')]))
    .optional(),
  bundles: z.record(z.string(), text).optional(),
  data: z
    .record(z.string(), z.strictObject({ folder: text, format: text.optional(), split: text.optional() }))
    .optional(),
  defaults: z
    .strictObject({
      device: z.enum(DEVICES).optional(),
      bundles: z.array(text).optional(),
      workers: z.int().min(1).optional(),
    })
    .optional(),
  ablations: z
    .array(
      z.looseObject({ id: text, title: text, rows: z.array(z.unknown()), columns: z.array(z.unknown()) }),
    )
    .optional(),
});

/** Whether a value is what `definePlugin` makes. */
export function isPlugin(value: unknown): value is Plugin {
  if (typeof value !== 'object' || value === null) return false;
  const { name, version, api, stages, recipes } = value as Partial<Record<keyof Plugin, unknown>>;
  return (
    [name, version, api].every((one) => typeof one === 'string') &&
    Array.isArray(stages) &&
    Array.isArray(recipes)
  );
}

/**
 * The configuration that a file exports as its default.
 * @param path - for messages
 * @throws MaskloomError `CONFIG_INVALID` naming the field and the nearest valid one
 */
export function readConfig(exports: ModuleExports, path: string): MaskloomConfig {
  const parsed = schema.safeParse(exports['default']);
  if (parsed.success) return parsed.data as unknown as MaskloomConfig;
  const issue = parsed.error.issues[0];
  const unknown = issue?.code === 'unrecognized_keys' ? (issue.keys[0] ?? '') : undefined;
  const field = [...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])].join('.');
  throw new MaskloomError(
    'CONFIG_INVALID',
    exports['default'] === undefined
      ? 'The configuration has no default export.'
      : `The configuration is not valid: ${field === '' ? '' : `${field}: `}${issue?.message ?? ''}`,
    {
      where: path,
      hint:
        unknown === undefined
          ? 'export default defineConfig({ plugins, bundles, data, defaults, ablations }).'
          : suggest(unknown, Object.keys(schema.shape)),
    },
  );
}
