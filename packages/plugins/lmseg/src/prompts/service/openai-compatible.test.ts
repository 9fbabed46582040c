import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeHost, fakeRun } from '@maskloom/core/conformance';
import type { DescribedBy } from '../variants.js';
import { AnswerInvalid, readAnswer } from './answer.js';
import { retryAfter } from './ask.js';
import { openAiCompatible, type OpenAiCompatibleOptions } from './openai-compatible.js';

/** What a request said. */
interface Asked {
  readonly model: string;
  readonly messages: readonly { readonly content: string }[];
  readonly authorization: string | undefined;
}
type Behaviour = (response: ServerResponse, nth: number, asked: Asked) => void;

let server: Server;
let folder: string;
let asked: Asked[];
let behave: Behaviour;
let open = 0;
let mostOpen = 0;

const content = (name: string): string =>
  JSON.stringify({
    colour: [`${name} is red`],
    'shape-size': `${name} is round`,
    'texture-material': [`${name} is smooth`, ' '],
  });
const completion = (text: string): string =>
  JSON.stringify({ choices: [{ message: { role: 'assistant', content: text } }] });
const nameIn = ({ messages }: Asked): string =>
  /Describe what "([^"]+)"/.exec(messages.at(-1)?.content ?? '')?.[1] ?? '';
const good: Behaviour = (response, _, one) => {
  response.setHeader('content-type', 'application/json');
  response.end(completion(content(nameIn(one))));
};
const fail =
  (status: number, headers: Record<string, string> = {}): Behaviour =>
  (response) => {
    response.writeHead(status, headers);
    response.end('{"error": "no"}');
  };
/** The first tries go wrong, each in its way; then all is well. */
const after =
  (...bad: readonly Behaviour[]): Behaviour =>
  (response, nth, one) =>
    (bad[nth] ?? good)(response, nth, one);

beforeEach(async () => {
  asked = [];
  open = mostOpen = 0;
  behave = good;
  folder = await mkdtemp(join(tmpdir(), 'maskloom-service-'));
  server = createServer((request: IncomingMessage, response) => {
    mostOpen = Math.max(mostOpen, ++open);
    response.on('close', () => open--);
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      const one = { ...(JSON.parse(body) as Asked), authorization: request.headers.authorization };
      behave(response, asked.push(one) - 1, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

async function describer(options: Partial<OpenAiCompatibleOptions> = {}) {
  const { port } = server.address() as AddressInfo;
  const source = openAiCompatible({
    baseUrl: `http://127.0.0.1:${port}/v1/`,
    model: 'toy',
    keyFrom: 'MASKLOOM_TEST_KEY',
    backOffMs: 1,
    timeoutMs: 400,
    ...options,
  });
  return source.open({ models: fakeHost(), signal: new AbortController().signal, warn: () => undefined });
}
const ask = async (
  names: readonly string[],
  options: Partial<OpenAiCompatibleOptions> = {},
  by: DescribedBy = 'all',
) => (await describer(options)).describe(names, by, fakeRun());

describe('a service that answers', () => {
  it('describes every name in order, each attribute by itself', async () => {
    const all = ['cup is red', 'cup is round', 'cup is smooth'];
    expect(await ask(['cup', 'ring'])).toEqual([all, all.map((one) => one.replace('cup', 'ring'))]);
    expect(await ask(['cup'], {}, 'shape-size')).toEqual([['cup is round']]);
    expect(asked[0]).toMatchObject({ model: 'toy', authorization: undefined });
  });

  it('gets the key of the environment, and no more requests at once than allowed', async () => {
    process.env['MASKLOOM_TEST_KEY'] = 'a-key';
    behave = (response, nth, one) => setTimeout(() => good(response, nth, one), 20);
    try {
      await ask(
        Array.from({ length: 9 }, (_, i) => `thing ${i}`),
        { concurrency: 3, timeoutMs: 5000 },
      );
    } finally {
      delete process.env['MASKLOOM_TEST_KEY'];
    }
    expect(asked[0]?.authorization).toBe('Bearer a-key');
    expect(mostOpen).toBe(3);
  });

  it('is understood through a code fence', async () => {
    behave = (response) => response.end(completion('Here:\n```json\n' + content('cup') + '\n```'));
    expect(await ask(['cup'], {}, 'colour')).toEqual([['cup is red']]);
  });

  it('is asked once for each class, whatever the attribute', async () => {
    const one = await describer();
    await one.describe(['cup'], 'all', fakeRun());
    await one.describe(['cup'], 'colour', fakeRun());
    expect(asked.length).toBe(1);
  });
});

describe('readAnswer', () => {
  it.each(['{', '}', '}{', '{"', '{"a":[', '```json{'])('refuses 60,000 letters of %j', (part) => {
    const message = part.repeat(Math.floor(60_000 / part.length));
    expect(() => readAnswer(completion(message))).toThrow(AnswerInvalid);
  });
});

describe('a service that misbehaves', () => {
  const truncated: Behaviour = (response) => response.end(completion(content('cup')).slice(0, -9));
  const wrong: Behaviour = (response) => response.end(completion('{"colour": []}'));
  const braces: Behaviour = (response) => response.end(completion('{'.repeat(400_000)));
  const foreign: Behaviour = (response) => response.end('{"hello": 1}');
  const hang: Behaviour = () => undefined;
  const drip: Behaviour = (response) => {
    const timer = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(timer));
  };
  const hangUp: Behaviour = (response) => response.destroy();
  const halfWay: Behaviour = (response) => {
    response.writeHead(200, { 'content-length': '5000' });
    response.write('{"choices"');
    setTimeout(() => response.destroy(), 10);
  };
  const endless: Behaviour = (response) => {
    response.on('error', () => undefined);
    response.end('x'.repeat(3 << 20));
  };

  it.each([
    ['429', fail(429)],
    ['500', fail(500)],
    ['hangs', hang],
    ['drips', drip],
    ['truncates its JSON', truncated],
    ['answers in another shape', wrong],
    ['is no chat service', foreign],
    ['hangs up', hangUp],
    ['hangs up half way', halfWay],
    ['does not end', endless],
  ])('once (%s) is asked again', async (_, bad) => {
    behave = after(bad);
    expect(await ask(['cup'], {}, 'colour')).toEqual([['cup is red']]);
    expect(asked.length).toBe(2);
  });

  it.each([
    ['500', fail(500), 'SERVICE_FAILED', 'status 500'],
    ['hangs', hang, 'SERVICE_FAILED', 'within 60 ms'],
    ['drips', drip, 'SERVICE_FAILED', 'within 60 ms'],
    ['hangs up', hangUp, 'SERVICE_FAILED', 'no connection'],
    ['truncates its JSON', truncated, 'SERVICE_INVALID', 'not JSON'],
    ['answers in another shape', wrong, 'SERVICE_INVALID', 'the message: '],
    ['writes without end', braces, 'SERVICE_INVALID', '400000 characters, more than 65536'],
  ])('always (%s) is given up', async (_, bad, code, message) => {
    behave = bad;
    const failed = ask(['cup'], { retries: 2, timeoutMs: 60 });
    await expect(failed).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string });
    await expect(failed).rejects.toMatchObject({ message: expect.stringContaining('3 tries') as string });
    expect(asked.length).toBe(3);
  });

  it('is not asked again where that is no use', async () => {
    behave = fail(401);
    await expect(ask(['cup'])).rejects.toMatchObject({
      code: 'SERVICE_FAILED',
      message: expect.stringContaining('1 try') as string,
    });
    expect(asked.length).toBe(1);
  });

  it('is given the time that it asks for, within limits', async () => {
    behave = after(fail(429, { 'retry-after': '0.2' }));
    let start = performance.now();
    await ask(['cup']);
    expect(performance.now() - start).toBeGreaterThan(180);
    asked = [];
    behave = after(fail(429, { 'retry-after': '3600' }));
    start = performance.now();
    await ask(['cup'], { mostWaitMs: 10 });
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it('says where nobody answers', async () => {
    const failed = ask(['cup'], { baseUrl: 'http://127.0.0.1:9/v1', retries: 1 });
    await expect(failed).rejects.toMatchObject({ code: 'SERVICE_FAILED', where: 'http://127.0.0.1:9/v1' });
  });

  it('is left at once when the run ends', async () => {
    behave = hang;
    const controller = new AbortController();
    const one = await describer({ timeoutMs: 60_000 });
    const waiting = one.describe(['cup', 'ring'], 'all', fakeRun({ signal: controller.signal }));
    setTimeout(() => controller.abort(), 30);
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('does not keep others waiting: the first failure ends all', async () => {
    behave = (response, nth, one) => (nameIn(one) === 'cup' ? fail(400)(response, nth, one) : undefined);
    const start = performance.now();
    await expect(ask(['ring', 'cup'], { timeoutMs: 30_000 })).rejects.toMatchObject({
      code: 'SERVICE_FAILED',
    });
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

describe('answers', () => {
  it('are kept in the folder, by what was asked', async () => {
    const cache = join(folder, 'new', 'cache');
    const first = await ask(['cup'], { cache });
    expect(await ask(['cup'], { cache })).toEqual(first);
    expect(asked.length).toBe(1);
    await ask(['cup'], { cache, model: 'another' });
    expect(asked.length).toBe(2);
    const files = await readdir(cache);
    expect(files.length).toBe(2);
    for (const file of files) expect(file).toMatch(/^[0-9a-f]{64}\.json$/);
    expect(await readFile(join(cache, files[0] ?? ''), 'utf8')).not.toContain('key');
  });

  it('that were damaged in the folder are asked for again', async () => {
    await ask(['cup'], { cache: folder });
    const [file = ''] = await readdir(folder);
    await writeFile(join(folder, file), '{"colour": ["half');
    expect(await ask(['cup'], { cache: folder }, 'colour')).toEqual([['cup is red']]);
    expect(asked.length).toBe(2);
  });
});

describe('options', () => {
  it('dryRun shows what would be asked, and asks nothing', async () => {
    const shown: string[] = [];
    const dryRun: OpenAiCompatibleOptions['dryRun'] = (name, messages) =>
      shown.push(`${name}: ${messages.map((one) => one.content).join(' ')}`);
    expect(await ask(['cup'], { dryRun })).toEqual([undefined]);
    expect(shown).toEqual([expect.stringMatching(/^cup: .*"cup".*colour.*shape.*texture/)]);
    expect(asked).toEqual([]);
  });

  it.each([
    { baseUrl: 'ftp://x' },
    { baseUrl: 'nowhere' },
    { model: '' },
    { concurrency: 0 },
    { retries: -1 },
  ])('refuse %j', (wrong) => {
    expect(() => openAiCompatible({ baseUrl: 'http://x/v1', model: 'm', ...wrong })).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    );
  });

  it('retryAfter reads seconds and dates', () => {
    expect(retryAfter('1.5')).toBe(1500);
    expect(retryAfter('Thu, 01 Jan 1970 00:00:10 GMT', 4000)).toBe(6000);
    expect([retryAfter(null), retryAfter('soon')]).toEqual([undefined, undefined]);
  });
});
