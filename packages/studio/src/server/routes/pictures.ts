import { z } from 'zod';
import { pagePicture, partOfPicture } from '../../pictures/page-picture.js';
import type { Server } from '../server.js';
import type { Desk } from '../desk.js';
import { failureSchema } from '../errors.js';
import { tabOf } from '../tab.js';

const entrySchema = z.object({
  id: z.string(),
  name: z.string(),
  from: z.enum(['folder', 'upload']),
  asked: z.literal(true).optional().describe('questions come with it: GET /api/pictures/ID/questions'),
});

/** Pictures: the list, uploads, and pixels for the page. */
export function addPictures(app: Server, { pictures }: Desk): void {
  app.get(
    '/api/pictures',
    {
      schema: {
        summary: 'Pictures that can be asked about',
        response: { 200: z.array(entrySchema), '4xx': failureSchema },
      },
    },
    async (request) => [...pictures.list(tabOf(request))],
  );

  app.post(
    '/api/pictures',
    {
      schema: {
        summary: 'Brings a picture: the body is the file (application/octet-stream)',
        querystring: z.object({ name: z.string().max(300).default('picture') }),
        response: {
          201: entrySchema.extend({ width: z.int(), height: z.int() }),
          '4xx': failureSchema,
        },
      },
    },
    async (request, reply) => {
      const bytes = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
      const { frame, ...entry } = await pictures.upload(tabOf(request), request.query.name, bytes);
      return reply.code(201).send({ ...entry, width: frame.width, height: frame.height });
    },
  );

  app.get(
    '/api/pictures/:id/pixels',
    {
      schema: {
        summary: 'The picture as JPEG or PNG; X-Picture-Size has its own width and height',
        params: z.object({ id: z.string().max(100) }),
        querystring: z.object({
          longest: z.coerce.number().int().min(16).max(8192).default(2048),
          part: z
            .string()
            .regex(/^\d{1,6}(,\d{1,6}){3}$/)
            .optional()
            .describe(
              'left, top, width and height of a part of at most 1024 x 1024 pixels: as it is, without loss',
            ),
        }),
      },
    },
    async (request, reply) => {
      const { frame } = await pictures.open(tabOf(request), request.params.id);
      const { longest, part } = request.query;
      const { type, bytes } = await (part === undefined
        ? pagePicture(frame, longest)
        : partOfPicture(frame, part.split(',').map(Number)));
      return reply.type(type).header('x-picture-size', `${frame.width} ${frame.height}`).send(bytes);
    },
  );
}
