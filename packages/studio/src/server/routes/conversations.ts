import { ClassColours } from '@maskloom/report';
import { z } from 'zod';
import { listening } from '../../ask/ask.js';
import { hintsOf, openingSchema, turnSchema, viewOfStep, withConversation } from '../../converse/turn.js';
import type { Server } from '../server.js';
import { placeOf, type Desk } from '../desk.js';
import { failureOf, failureSchema } from '../errors.js';
import { openEvents } from '../event-stream.js';
import { tabOf } from '../tab.js';

/** Conversations about a result: turns, and saved ones that go on. The server keeps none: the page sends them along. */
export function addConversations(app: Server, desk: Desk): void {
  app.post(
    '/api/turns',
    {
      schema: {
        summary: "Says what is wrong with a system's result, or what to do",
        description:
          'Server-sent events as of /api/asks, with `place` 0; `result` has the conversation after the turn (`record`) and the view of its last step, with the pixels added and removed.',
        body: turnSchema,
      },
    },
    async (request, reply) => {
      const { body } = request;
      const tab = tabOf(request);
      const { frame } = await desk.pictures.open(tab, body.picture);
      const about = await desk.pictures.question(tab, body.picture, body.about);
      const events = openEvents(reply);
      const { signal } = events;
      const classes = new ClassColours(body.classes);
      try {
        const at = await placeOf(desk, body.system.device);
        await desk.queues.of(at.device).run(
          tab,
          async () => {
            events.send('start', { place: 0 });
            await withConversation(desk, body, frame, at, async (talk, pipeline) => {
              await listening(pipeline, 0, events, () => talk.say(body.say, hintsOf(body), { signal }));
              const last = talk.steps.length - 1;
              const shown = await viewOfStep(talk, last, classes, about, body.question);
              events.send('result', { place: 0, ...shown, classes: classes.labels, record: talk.save() });
            });
          },
          signal,
          (ahead) => events.send('queued', { place: 0, ahead }),
        );
      } catch (error) {
        events.send('failed', { place: 0, ...failureOf(error) });
      }
      events.send('done', {});
      events.end();
      return reply;
    },
  );

  app.post(
    '/api/conversations',
    {
      schema: {
        summary: 'Checks a saved conversation and gives the view of every step, to go on with it',
        body: openingSchema,
        response: {
          200: z.object({ record: z.unknown(), views: z.array(z.unknown()), classes: z.array(z.string()) }),
          '4xx': failureSchema,
        },
      },
    },
    async (request) => {
      const { body } = request;
      const { frame } = await desk.pictures.open(tabOf(request), body.picture);
      const classes = new ClassColours(body.classes);
      const at = await placeOf(desk, body.system.device);
      return withConversation(desk, body, frame, at, async (talk) => {
        const views: unknown[] = [];
        for (const at of talk.steps.keys()) views.push((await viewOfStep(talk, at, classes)).view);
        return { record: talk.save(), views, classes: [...classes.labels] };
      });
    },
  );
}
