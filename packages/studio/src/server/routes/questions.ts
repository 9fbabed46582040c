import { ClassColours } from '@maskloom/report';
import { z } from 'zod';
import { classesSchema } from '../../ask/request-schema.js';
import { referencesOf } from '../../ask/references.js';
import type { Server } from '../server.js';
import type { Desk } from '../desk.js';
import { failureSchema } from '../errors.js';
import { tabOf } from '../tab.js';

const listed = z.object({
  system: z
    .unknown()
    .optional()
    .describe('who was asked before, as /api/asks takes it; absent when it is not known'),
  questions: z.array(
    z.object({
      ask: z.unknown().describe('as /api/asks takes it'),
      note: z.string().optional(),
      truth: z.boolean().describe('whether it is known what is right'),
    }),
  ),
});

const picture = z.object({ id: z.string().max(100) });

/** What comes with pictures of data sets and runs: questions, the truth, and recorded answers. */
export function addQuestions(app: Server, { pictures }: Desk): void {
  app.get(
    '/api/pictures/:id/questions',
    {
      schema: {
        summary: 'What is to be asked about a picture of a data set or a run',
        params: picture,
        response: { 200: listed, '4xx': failureSchema },
      },
    },
    async (request) => {
      const { system, questions } = await pictures.example(tabOf(request), request.params.id);
      return {
        ...(system === undefined ? {} : { system }),
        questions: questions.map(({ ask, note, truth }) => ({
          ask,
          truth: truth !== undefined,
          ...(note === undefined ? {} : { note }),
        })),
      };
    },
  );

  app.post(
    '/api/pictures/:id/references',
    {
      schema: {
        summary: 'The truth of one of those questions, and what was answered before, as views',
        params: picture,
        body: z.strictObject({ about: z.int().min(0), classes: classesSchema }),
        response: {
          200: z.object({ references: z.array(z.unknown()), classes: z.array(z.string()) }),
          '4xx': failureSchema,
        },
      },
    },
    async (request) => {
      const { params, body } = request;
      const tab = tabOf(request);
      const { frame } = await pictures.open(tab, params.id);
      const classes = new ClassColours(body.classes);
      const asked = await pictures.question(tab, params.id, body.about);
      const references = asked === undefined ? [] : await referencesOf(frame, asked, classes);
      return { references: [...references], classes: [...classes.labels] };
    },
  );
}
