import { z } from 'zod';
import { requestFor } from '../../ask/ask.js';
import { questionSchema } from '../../ask/request-schema.js';
import { listSystems, systemSchema } from '../../systems/catalogue.js';
import { choiceSchema, chosenRecipe } from '../../systems/choice.js';
import { codeOf } from '../../systems/code.js';
import { slotsOf, slotSchema } from '../../systems/slots.js';
import { tableOf } from '../../systems/table.js';
import type { Server } from '../server.js';
import type { Desk } from '../desk.js';
import { failureSchema } from '../errors.js';

/** Systems: the list, the slots of a recipe, and a choice as a program. */
export function addSystems(app: Server, { registry, models, device }: Desk): void {
  app.get(
    '/api/systems',
    {
      schema: {
        summary: 'Systems that can be asked',
        response: { 200: z.array(systemSchema), '4xx': failureSchema },
      },
    },
    async () => [...listSystems(registry, models)],
  );

  app.get(
    '/api/slots',
    {
      schema: {
        summary: 'The slots of a recipe, with every stage that could fill them',
        querystring: z.object({ recipe: z.string().max(200) }),
        response: { 200: z.array(slotSchema), '4xx': failureSchema },
      },
    },
    async ({ query }) => [...slotsOf(registry, registry.recipe(query.recipe))],
  );

  app.post(
    '/api/table',
    {
      schema: {
        summary: 'The chosen systems as the rows of an ablation table: a maskloom.config.ts',
        body: z.strictObject({ title: z.string().max(300), systems: z.array(choiceSchema).min(1).max(32) }),
        response: { 200: z.object({ code: z.string() }), '4xx': failureSchema },
      },
    },
    async ({ body: { title, systems } }) => {
      for (const one of systems) chosenRecipe(registry, one);
      return { code: tableOf(systems, title) };
    },
  );

  app.post(
    '/api/code',
    {
      schema: {
        summary: 'A program that asks the same',
        body: z.strictObject({ system: choiceSchema, question: questionSchema }),
        response: { 200: z.object({ code: z.string() }), '4xx': failureSchema },
      },
    },
    async ({ body: { system, question } }) => {
      const recipe = chosenRecipe(registry, system);
      const bundle = models.bundleOf(recipe)?.named ?? '';
      return { code: codeOf(registry, system, { bundle, device }, requestFor(recipe, question)) };
    },
  );
}
