import { createFeatureCache } from '@maskloom/core';
import { ClassColours } from '@maskloom/report';
import { askSchema, askSystem } from '../../ask/ask.js';
import type { Server } from '../server.js';
import type { Desk } from '../desk.js';
import { openEvents } from '../event-stream.js';
import { tabOf } from '../tab.js';

/** Questions: one to several systems, answered as they come. */
export function addAsks(app: Server, desk: Desk): void {
  app.post(
    '/api/asks',
    {
      schema: {
        summary: 'Asks systems about a picture',
        description:
          'Server-sent events, each with the `place` of the system it is about: `queued` (`ahead`), `start`, `stage`, `progress`, `text`, and `result` (`view`, `record`, and `score` where the truth is known) or `failed` (`code`, `message`); `done` at the end. Closing the connection takes the question back.',
        body: askSchema,
      },
    },
    async (request, reply) => {
      const { picture, question, systems, classes: known, about: at } = request.body;
      const tab = tabOf(request);
      const { frame } = await desk.pictures.open(tab, picture);
      const about = await desk.pictures.question(tab, picture, at);
      const events = openEvents(reply);
      using cache = createFeatureCache({ maxImages: 1 });
      const classes = new ClassColours(known);
      const asked = { tab, question, classes, cache, about, image: frame };
      await Promise.all(systems.map((choice, place) => askSystem({ ...asked, place, choice }, desk, events)));
      events.send('done', {});
      events.end();
      return reply;
    },
  );
}
