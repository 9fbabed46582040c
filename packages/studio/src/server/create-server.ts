import swagger from '@fastify/swagger';
import { fastify } from 'fastify';
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import type { Desk } from './desk.js';
import { answerFailure } from './errors.js';
import { checkAccess, type GuardOptions } from './guard.js';
import { SAFE_HEADERS } from './headers.js';
import type { PageFile } from './page-files.js';
import type { Server } from './server.js';
import { addAsks } from './routes/asks.js';
import { addConversations } from './routes/conversations.js';
import { addDevices } from './routes/devices.js';
import { addFacts } from './routes/facts.js';
import { addExports } from './routes/exports.js';
import { addPictures } from './routes/pictures.js';
import { addPresence } from './routes/presence.js';
import { addQuestions } from './routes/questions.js';
import { addSystems } from './routes/systems.js';

/** What a server is made of. */
export interface ServerOptions extends GuardOptions {
  /** The page's files. */
  readonly page: ReadonlyMap<string, PageFile>;
  /** Largest picture that is taken, in bytes. */
  readonly maxUpload: number;
  /** Longest time that a request may take to arrive, in milliseconds. */
  readonly arrivalMs: number;
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
    openapi: { info: { title: 'Maskloom studio', version: desk.version } },
    transform: jsonSchemaTransform,
  });
  addPage(app, options.page);
  app.get('/api', { schema: { hide: true } }, async () => app.swagger());
  for (const add of [
    addFacts,
    addDevices,
    addSystems,
    addPictures,
    addQuestions,
    addAsks,
    addConversations,
    addExports,
    addPresence,
  ])
    add(app, desk);
  await app.ready();
  return app;
}

function addPage(app: Server, page: ReadonlyMap<string, PageFile>): void {
  for (const [path, { content, type }] of page)
    app.get(path === 'index.html' ? '/' : `/${path}`, { schema: { hide: true } }, (_, reply) =>
      reply.type(type).send(content),
    );
}
