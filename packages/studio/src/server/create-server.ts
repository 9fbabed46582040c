import swagger from '@fastify/swagger';
import {
  fastify,
  type FastifyBaseLogger,
  type FastifyInstance,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { z } from 'zod';
import { listSystems, systemSchema } from '../systems/catalogue.js';
import type { Desk } from './desk.js';
import { answerFailure, failureSchema } from './errors.js';
import { checkAccess, type GuardOptions } from './guard.js';
import { SAFE_HEADERS } from './headers.js';
import type { PageFile } from './page-files.js';
import { addAsks } from './routes/asks.js';
import { addPictures } from './routes/pictures.js';

/** The server, with bodies and answers typed by their schemas. */
export type Server = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What a server is made of. */
export interface ServerOptions extends GuardOptions {
  /** The page's files. */
  readonly page: ReadonlyMap<string, PageFile>;
  /** Largest picture that is taken, in bytes. */
  readonly maxUpload: number;
  /** Longest time that a request may take to arrive, in milliseconds. */
  readonly arrivalMs: number;
  /** The release, for the description of the API. */
  readonly version: string;
}

/** Longest JSON body: conversations with their masks travel in it. */
const MAX_JSON = 32e6;

/** The studio's server, not yet listening. */
export async function createServer(desk: Desk, options: ServerOptions): Promise<Server> {
  const app: Server = fastify({
    bodyLimit: MAX_JSON,
    requestTimeout: options.arrivalMs,
    forceCloseConnections: true,
    return503OnClosing: false,
  }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(answerFailure);
  app.setNotFoundHandler((_, reply) =>
    reply.code(404).send({ code: 'DATA_NOT_FOUND', message: 'There is nothing at this address.' }),
  );
  app.addHook('onRequest', async (request, reply) => {
    void reply.headers(SAFE_HEADERS);
    checkAccess(request, options);
  });
  // Text bodies would be taken without the page's consent: they need no preflight.
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser(
    'application/octet-stream',
    { parseAs: 'buffer', bodyLimit: options.maxUpload },
    (_, body, done) => done(null, body),
  );
  await app.register(swagger, {
    openapi: { info: { title: 'Maskloom studio', version: options.version } },
    transform: jsonSchemaTransform,
  });
  addPage(app, options.page);
  app.get('/api', { schema: { hide: true } }, async () => app.swagger());
  app.get(
    '/api/systems',
    {
      schema: {
        summary: 'Systems that can be asked',
        response: { 200: z.array(systemSchema), '4xx': failureSchema },
      },
    },
    async () => [...listSystems(desk.registry, desk.models)],
  );
  addPictures(app, desk);
  addAsks(app, desk);
  await app.ready();
  return app;
}

function addPage(app: Server, page: ReadonlyMap<string, PageFile>): void {
  for (const [path, { content, type }] of page)
    app.get(path === 'index.html' ? '/' : `/${path}`, { schema: { hide: true } }, (_, reply) =>
      reply.type(type).send(content),
    );
}
