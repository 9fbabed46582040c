import { MaskloomError, suggest } from '@maskloom/core';
import { z } from 'zod';
import { requestFor } from '../../ask/ask.js';
import { questionSchema } from '../../ask/request-schema.js';
import { listSystems, systemSchema } from '../../systems/catalogue.js';
import { choiceSchema, chosenRecipe, type SystemChoice } from '../../systems/choice.js';
import { codeOf } from '../../systems/code.js';
import { DESCRIPTIONS_FILE, writerOf } from '../../systems/descriptions.js';
import { slotsOf, slotSchema } from '../../systems/slots.js';
import { tableOf, type TableColumn } from '../../systems/table.js';
import type { Server } from '../server.js';
import type { Desk } from '../desk.js';
import { failureSchema } from '../errors.js';

/** Systems: the list, the slots of a recipe, and a choice as a program. */
export function addSystems(app: Server, { registry, models, device, columns: known }: Desk): void {
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
        body: z.strictObject({
          title: z.string().max(300),
          systems: z.array(choiceSchema).min(1).max(32),
          columns: z
            .array(z.string().max(200))
            .min(1)
            .max(100)
            .optional()
            .describe('heads of its columns, of those that /api/studio lists; the first of them when absent'),
        }),
        response: { 200: z.object({ code: z.string() }), '4xx': failureSchema },
      },
    },
    async ({ body: { title, systems, columns = [known[0].label] } }) => {
      for (const one of systems) chosenRecipe(registry, one);
      return { code: tableOf(systems, chosenColumns(known, columns), title) };
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
      const writer = question.descriptions === undefined ? undefined : writerOf(registry, recipe);
      const bundle = models.bundleOf(recipe)?.named ?? '';
      const choice = writer === undefined ? system : readingFile(system, writer.factory.stageName);
      const from = { bundle, device: system.device ?? device };
      return { code: codeOf(registry, choice, from, requestFor(recipe, question)) };
    },
  );
}

/** A choice whose writer reads the descriptions out of a file. */
function readingFile(choice: SystemChoice, stage: string): SystemChoice {
  const { options } = choice.stages['PromptWriter'] ?? {};
  const told = { stage, options: { ...options, source: DESCRIPTIONS_FILE } };
  return { ...choice, stages: { ...choice.stages, PromptWriter: told } };
}

/** @throws MaskloomError OPTION_INVALID naming the nearest */
function chosenColumns(known: readonly TableColumn[], labels: readonly string[]): readonly TableColumn[] {
  const unknown = labels.find((label) => known.every((one) => one.label !== label));
  if (unknown !== undefined)
    throw new MaskloomError('OPTION_INVALID', `Tables have no column '${unknown}'.`, {
      where: 'columns',
      hint: suggest(
        unknown,
        known.map(({ label }) => label),
      ),
    });
  return known.filter(({ label }) => labels.includes(label));
}
