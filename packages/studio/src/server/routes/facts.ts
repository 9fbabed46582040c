import { recipeId, SAYABLE } from '@maskloom/core';
import { MASK_FORMS } from '@maskloom/data';
import { z } from 'zod';
import { columnSchema } from '../../systems/table.js';
import type { Server } from '../server.js';
import type { Desk } from '../desk.js';
import { failureSchema } from '../errors.js';

const factsSchema = z.object({
  version: z.string(),
  device: z.string().describe('the device that was asked for'),
  refiners: z.array(z.string()).describe('recipes that refine'),
  sayable: z.array(z.tuple([z.string(), z.array(z.string())])).describe('what can be said, by kind'),
  attributes: z
    .array(z.string())
    .describe('what descriptions of classes speak of; none where they are refused'),
  columns: z.array(columnSchema).describe('columns that ablation tables can have'),
  forms: z.record(z.string(), z.string()).describe('forms of `--save`'),
});

/** What the studio is and can do. */
export function addFacts(app: Server, { registry, models, device, version, reader, columns }: Desk): void {
  const refiners = registry
    .systems()
    .flatMap(({ recipes }) => recipes)
    .filter((recipe) => recipe.stages.Refiner !== undefined && models.has(recipe))
    .map(recipeId);
  app.get(
    '/api/studio',
    {
      schema: {
        summary: 'What the studio is and can do',
        response: { 200: factsSchema, '4xx': failureSchema },
      },
    },
    async () => ({
      version,
      device,
      refiners,
      columns: [...columns],
      attributes: [...(reader?.attributes ?? [])],
      sayable: SAYABLE.map(([kind, examples]): [string, string[]] => [kind, [...examples]]),
      forms: { ...MASK_FORMS },
    }),
  );
}
