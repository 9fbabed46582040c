import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { fileURLToPath } from 'node:url';
import { MaskloomError, type DeviceChoice, type Registry } from '@maskloom/core';
import type { StudioExample } from './pictures/example.js';
import { examplePictures, namedPictures } from './pictures/named-pictures.js';
import { PictureStore } from './pictures/picture-store.js';
import { makeScratch } from './pictures/scratch.js';
import { DeviceQueues } from './queue/device-queues.js';
import { findDevice, type FindDevice } from './systems/devices.js';
import { createServer } from './server/create-server.js';
import type { Desk } from './server/desk.js';
import { readPage } from './server/page-files.js';
import type { DescriptionReader } from './systems/descriptions.js';
import { GIOU, type TableColumn } from './systems/table.js';
import { Models, type StudioBundle } from './systems/models.js';

/** What a studio is started with. */
export interface StudioOptions {
  /** Systems and stages to choose from. */
  readonly registry: Registry;
  /** Where weights come from; the first that has a recipe gives it. */
  readonly bundles: readonly StudioBundle[];
  /** Reads descriptions of classes that come with lists of labels; they are refused when absent. */
  readonly descriptions?: DescriptionReader;
  /** Columns that ablation tables can have, the usual one first; gIoU alone when absent or empty. */
  readonly columns?: readonly TableColumn[];
  /** Where models run; `auto` when absent. */
  readonly device?: DeviceChoice;
  /** Finds the device that a choice means; each is really tried when absent. */
  readonly findDevice?: FindDevice;
  /** Pictures, and folders of pictures: nothing else of the disk can be reached. None when absent. */
  readonly inputs?: readonly string[];
  /** Pictures with what is to be asked about them, listed before the others. None when absent. */
  readonly examples?: readonly StudioExample[];
  /** The port; one that is free when absent or 0. */
  readonly port?: number;
  /** The address to listen on; `127.0.0.1` when absent. One that others can reach needs a token. */
  readonly host?: string;
  /** The token; a random one when absent. */
  readonly token?: string;
  /** Largest width * height of a picture; 64,000,000 when absent. */
  readonly maxPixels?: number;
  /** Largest upload in bytes; 64,000,000 when absent. */
  readonly maxUpload?: number;
  /** The release that is shown. */
  readonly version?: string;
  /** Told what the user should know. */
  readonly onWarning?: (message: string) => void;
}

/** A running studio. */
export interface Studio extends AsyncDisposable {
  /** The page's address, with the token. */
  readonly url: string;
  /** What programs send as `Authorization: Bearer`. */
  readonly token: string;
  /** Questions that wait, and whether one is being worked on. */
  readonly load: {
    /** Pieces of work that wait. */
    readonly waiting: number;
    /** Whether one is under way. */
    readonly busy: boolean;
  };
  /** Live tensors of all models; 0 while nothing is asked. */
  readonly liveTensors: number;
  /** Ends everything: connections, work, models; uploads are removed. Idempotent. */
  close(): Promise<void>;
}

/** Shortest token that `--host` takes. */
const SHORTEST_TOKEN = 16;

/**
 * Starts the studio: a server on this machine, and the page that it serves.
 * @throws MaskloomError OPTION_INVALID when others could connect without a token, or the address is taken; DATA_NOT_FOUND when an
 * input is not there, or the page was not built
 */
export async function startStudio(options: StudioOptions): Promise<Studio> {
  const { host = '127.0.0.1', port = 0, registry, bundles, device = 'auto', onWarning } = options;
  const open = !isLoopback(host);
  if (open) checkOpen(host, options.token);
  const token = options.token ?? randomBytes(24).toString('base64url');
  const page = await readPage(fileURLToPath(new URL('../public', import.meta.url)));
  const named = [
    ...(await examplePictures(options.examples ?? [])),
    ...(await namedPictures(options.inputs ?? [])),
  ];
  if (open)
    onWarning?.(
      `the studio listens on ${host}: everyone who reaches it and knows the token can use this machine's models; what is sent is not encrypted`,
    );
  const scratch = await makeScratch();
  const models = new Models(bundles, onWarning);
  const limits = { maxPixels: options.maxPixels ?? 64e6, timeoutMs: 20_000, perTab: 32 };
  const queues = new DeviceQueues({ perTab: 32, total: 256 });
  const version = options.version ?? '';
  const desk = {
    registry,
    models,
    queues,
    findDevice: options.findDevice ?? findDevice,
    reader: options.descriptions,
    columns: atLeastOne(options.columns),
    device,
    version,
    pictures: new PictureStore(named, scratch, limits),
  };
  const app = await createServer(desk, {
    token,
    open,
    page,
    maxUpload: options.maxUpload ?? 64e6,
    arrivalMs: 60_000,
  });
  let closing: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    await app.close();
    await models.dispose();
    await scratch.remove();
  };
  const close = (): Promise<void> => (closing ??= end());
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await close();
    throw new MaskloomError('OPTION_INVALID', `The studio cannot listen: ${(cause as Error).message}.`, {
      where: `${host}:${port}`,
      hint: 'Choose another --port.',
      cause,
    });
  }
  const address = app.server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  const name = isIP(host) === 6 ? `[${host}]` : host;
  return {
    url: `http://${name}:${bound}/?token=${encodeURIComponent(token)}`,
    token,
    get load() {
      return { waiting: queues.waiting, busy: queues.busy };
    },
    get liveTensors() {
      return models.liveTensors;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function atLeastOne([first = GIOU, ...others]: readonly TableColumn[] = []): Desk['columns'] {
  return [first, ...others];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function checkOpen(host: string, token: string | undefined): void {
  if (token !== undefined && token.length >= SHORTEST_TOKEN) return;
  throw new MaskloomError(
    'OPTION_INVALID',
    `The address ${host} can be reached by others: a token of your own is needed, of ${SHORTEST_TOKEN} characters or more.`,
    { where: '--token', hint: 'Give --token, or leave --host out to listen on this machine alone.' },
  );
}
