import { exportMasks, exportSchema } from '../../export/export-masks.js';
import type { Server } from '../server.js';
import type { Desk } from '../desk.js';
import { tabOf } from '../tab.js';

/** Masks as files. */
export function addExports(app: Server, { pictures }: Desk): void {
  app.post(
    '/api/exports',
    {
      schema: {
        summary: 'Masks in a form of `--save`: one file, or a ZIP archive of several',
        body: exportSchema,
      },
    },
    async (request, reply) => {
      const { name, frame } = await pictures.open(tabOf(request), request.body.picture);
      const file = await exportMasks(request.body, name, frame);
      return reply
        .type(file.type)
        .header('content-disposition', `attachment; filename="${file.name.replaceAll(/[^\w.-]/g, '_')}"`)
        .send(Buffer.from(file.bytes));
    },
  );
}
