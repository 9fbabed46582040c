import { z } from 'zod';
import type { Server } from '../server.js';
import type { Desk } from '../desk.js';
import { openEvents } from '../event-stream.js';
import { tabOf } from '../tab.js';

/** A page says that it is there: what it brought goes when it does. */
export function addPresence(app: Server, { pictures }: Desk): void {
  app.post(
    '/api/presence',
    {
      schema: {
        summary: 'Stays open; when it is closed, the uploads of its tab are removed',
        body: z.strictObject({}),
      },
    },
    (request, reply) => {
      const tab = tabOf(request);
      openEvents(reply).signal.addEventListener('abort', () => void pictures.leave(tab), { once: true });
    },
  );
}
