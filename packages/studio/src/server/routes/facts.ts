import { recipeId, SAYABLE } from '@maskloom/core';
import { MASK_FORMS } from '@maskloom/data';
import { z } from 'zod';
import type { Server } from '../server.js';
import type { Desk } from '../desk.js';
import { failureSchema } from '../errors.js';

const factsSchema = z.object({
  version: z.string(),
  device: z.string().describe('the device that was asked for'),
  refiners: z.array(z.string()).describe('recipes that refine'),
  sayable: z.array(z.tuple([z.string(), z.array(z.string())])).describe('what can be said, by kind'),
  forms: z.record(z.string(), z.string()).describe('forms of `--save`'),
});

/** What the studio is and can do. */
export function addFacts(app: Server, { registry, models, device, version }: Desk): void {
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
      sayable: SAYABLE.map(([kind, examples]): [string, string[]] => [kind, [...examples]]),
      forms: { ...MASK_FORMS },
    }),
  );
}
