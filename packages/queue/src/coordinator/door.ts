import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { MaskloomError } from '@maskloom/core';
import { folderBundle, openBundle } from '@maskloom/runtime';
import { isAdmitted } from '../protocol/admission.js';
import type { Sealer } from '../protocol/seal.js';
import type { GroupBook } from './group-book.js';

/** Where a server listens. */
export interface DoorAddress {
  /** Interface to listen on, e.g. `127.0.0.1`, `0.0.0.0` for all. */
  readonly host: string;
  /** 0 for one that is free. */
  readonly port: number;
  /** What others call it, e.g. `http://coordinator:8700`; made of host and port when absent. */
  readonly url?: string;
}

/** A server that runs. */
export interface Door extends AsyncDisposable {
  /** What others call it. */
  readonly url: string;
}

/** What is given to workers. */
export interface DoorContents {
  readonly sealer: Sealer;
  /** The pictures of groups in the queue. */
  readonly book: Pick<GroupBook, 'get'>;
  /** Folders of the run's bundles, by digest. */
  readonly folders: ReadonlyMap<string, string>;
}

/**
 * Gives pictures of groups in the queue (`/pictures/GROUP`) and files of the run's bundles (`/bundles/DIGEST`,
 * `/bundles/DIGEST/SHA256`) to who has the token. Everything is named by its hash: no path comes from outside.
 * @throws MaskloomError `OUTPUT_UNWRITABLE` when the port is taken
 */
export async function openDoor(address: DoorAddress, contents: DoorContents): Promise<Door> {
  return listen(address, (request, response) => answer(request, response, contents));
}

/** Starts a server. @throws MaskloomError `OUTPUT_UNWRITABLE` when the port is taken */
export async function listen(
  { host, port, url }: DoorAddress,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): Promise<Door> {
  const server: Server = createServer((request, response) => {
    handle(request, response).catch(() => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new MaskloomError('OUTPUT_UNWRITABLE', `The port cannot be opened: ${cause.message}.`, {
          where: `${host}:${port}`,
          hint: 'Give another port.',
        }),
      ),
    );
    server.listen(port, host, resolve);
  });
  server.unref();
  const { port: real } = server.address() as AddressInfo;
  const called = host === '0.0.0.0' || host === '::' ? hostname() : host;
  return {
    url: url ?? `http://${called.includes(':') ? `[${called}]` : called}:${real}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  contents: DoorContents,
): Promise<void> {
  const path = request.url ?? '/';
  if (request.method !== 'GET') return refuse(response, 405, 'only GET is answered');
  if (!isAdmitted(contents.sealer, path, request.headers.authorization))
    return refuse(response, 401, 'the token is not that of the coordinator, or the clocks differ by minutes');
  const file = await find(path, contents);
  const size = file && (await stat(file).catch(() => undefined))?.size;
  if (file === undefined || size === undefined)
    return refuse(response, 404, 'it is not of this run, or done');
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': size });
  await pipeline(createReadStream(file), response);
}

async function find(path: string, { book, folders }: DoorContents): Promise<string | undefined> {
  const [, kind, id = '', file] = path.split('/');
  if (kind === 'pictures') return book.get(id)?.picture;
  const folder = kind === 'bundles' ? folders.get(id) : undefined;
  if (folder === undefined || file === undefined) return folder && join(folder, 'bundle.json');
  const bundle = await openBundle(folderBundle(folder));
  return bundle.fileOf(file);
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  response.writeHead(status, { 'content-type': 'text/plain' });
  response.end(reason);
}
