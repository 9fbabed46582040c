import type { AnyStageFactory } from '@maskloom/core';
import { z } from 'zod';

/** The JSON schema of a stage's options, as far as pages look into it. */
export interface OptionsSchema {
  /** One per option. */
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** A stage's options as a JSON schema; what JSON cannot hold may be anything. */
export function optionsSchema({ schema }: AnyStageFactory): OptionsSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as OptionsSchema;
}
