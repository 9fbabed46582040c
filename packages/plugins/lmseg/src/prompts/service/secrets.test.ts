import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeHost, fakeRun } from '@maskloom/core/conformance';
import { openAiCompatible } from './openai-compatible.js';
import { serviceAddress } from './service-address.js';

const SECRETS = /hunter2|alice|sk-secret|c2VjcmV0|aHVudGVy/;
let server: Server;
let seen: { readonly url: string; readonly authorization: string | undefined }[];
let port: number;
beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    seen.push({ url: request.url ?? '', authorization: request.headers.authorization });
    response.writeHead(401).end('sk-secret alice hunter2');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  delete process.env['MASKLOOM_TEST_SECRET'];
});

/** Everything that an error says, its causes included. */
function allOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return [error.stack, JSON.stringify(error), error.cause === undefined ? '' : allOf(error.cause)].join(' ');
}

async function failureOf(baseUrl: string): Promise<unknown> {
  const source = openAiCompatible({ baseUrl, model: 'toy', keyFrom: 'MASKLOOM_TEST_SECRET', retries: 0 });
  expect(source.name).not.toMatch(SECRETS);
  const describer = await source.open({
    models: fakeHost(),
    signal: new AbortController().signal,
    warn: () => undefined,
  });
  return describer.describe(['cup'], 'all', fakeRun()).then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('credentials of a service', () => {
  it('in the address are sent, and are in no error', async () => {
    const error = await failureOf(`http://alice:hunter2@127.0.0.1:${port}/v1/?key=sk-secret#x`);
    expect(error).toMatchObject({ code: 'SERVICE_FAILED', where: `http://127.0.0.1:${port}/v1` });
    expect(allOf(error)).not.toMatch(SECRETS);
    const authorization = `Basic ${Buffer.from('alice:hunter2').toString('base64')}`;
    expect(seen).toEqual([{ url: '/v1/chat/completions?key=sk-secret', authorization }]);
  });

  it('are in no error when nobody answers', async () => {
    server.close();
    server.closeAllConnections();
    const error = await failureOf(`http://alice:hunter2@127.0.0.1:${port}/v1?key=sk-secret`);
    expect(error).toMatchObject({ code: 'SERVICE_FAILED' });
    expect(allOf(error)).not.toMatch(SECRETS);
  });

  it('in the environment lose the line end of their file', async () => {
    process.env['MASKLOOM_TEST_SECRET'] = 'sk-secret\r\n';
    await failureOf(`http://127.0.0.1:${port}/v1`);
    expect(seen[0]?.authorization).toBe('Bearer sk-secret');
  });

  it('that cannot be sent are refused without being shown', async () => {
    process.env['MASKLOOM_TEST_SECRET'] = 'sk-secret\nX-Other: 1';
    const error = await failureOf(`http://127.0.0.1:${port}/v1`);
    expect(error).toMatchObject({
      code: 'OPTION_INVALID',
      where: 'environment variable MASKLOOM_TEST_SECRET',
    });
    expect(allOf(error)).not.toMatch(SECRETS);
    expect(seen).toEqual([]);
  });

  it.each(['ftp://alice:hunter2@host/v1', 'http://alice:hunter2@', 'alice:hunter2'])(
    'in the wrong address %s are not repeated',
    (baseUrl) => {
      let error: unknown;
      try {
        openAiCompatible({ baseUrl, model: 'toy' });
      } catch (caught) {
        error = caught;
      }
      expect(error).toMatchObject({ code: 'OPTION_INVALID' });
      expect(allOf(error)).not.toMatch(SECRETS);
    },
  );
});

describe('serviceAddress', () => {
  it.each([
    ['http://localhost:11434/v1', 'http://localhost:11434/v1/chat/completions', 'http://localhost:11434/v1'],
    [
      'http://localhost:11434/v1//',
      'http://localhost:11434/v1/chat/completions',
      'http://localhost:11434/v1',
    ],
    ['https://h/', 'https://h/chat/completions', 'https://h'],
    ['https://h/d?api-version=1', 'https://h/d/chat/completions?api-version=1', 'https://h/d'],
  ])('of %s', (given, url, shown) => {
    expect(serviceAddress(given)).toEqual({ url, shown, authorization: undefined });
  });

  it('takes a user with odd characters', () => {
    const { authorization } = serviceAddress('https://a%40b:p%zz@h/v1');
    expect(authorization).toBe(`Basic ${Buffer.from('a@b:p%zz').toString('base64')}`);
  });
});
