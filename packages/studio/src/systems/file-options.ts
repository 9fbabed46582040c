import { MaskloomError, type AnyStageFactory } from '@maskloom/core';
import { optionsSchema } from './options-schema.js';

/**
 * Refuses options that would have a stage read a file: pages and programs reach no file but those that the command line named.
 * Such options say so in their schema: `z.string().meta({ format: 'path' })`.
 * @throws MaskloomError ACCESS_DENIED naming the option
 */
export function refuseFiles(factory: AnyStageFactory, options: Readonly<Record<string, unknown>> = {}): void {
  const { properties = {} } = optionsSchema(factory);
  for (const [name, value] of Object.entries(options)) {
    if (typeof value !== 'string' || !JSON.stringify(properties[name] ?? {}).includes('"format":"path"'))
      continue;
    throw new MaskloomError('ACCESS_DENIED', `The option '${name}' of ${factory.stageName} reads a file.`, {
      where: name,
      hint: 'Start the studio with a configuration whose recipe has the option set.',
    });
  }
}
