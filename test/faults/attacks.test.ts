import { spawn } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fakeHost, fakeRun } from '@maskloom/core/conformance';
import { loadImage, readImageHeader, writePng } from '@maskloom/runtime';
import { openAiCompatible } from '@maskloom/lmseg';
import { COMMAND, sceneImage, temporaryFolder } from './workbench.js';

/** No attack may take longer: the command starts in about a second, much more on a loaded machine. */
const LIMIT_MS = 60_000;
/** What a terminal would obey: C0 but tab and line feed, DEL, C1, overrides of the writing direction. */
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

let place: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  place = await temporaryFolder();
  const image = sceneImage(8_941_600, 64, 64);
  await writePng(join(place.path, 'good.png'), image.rgb, image);
});
afterAll(() => place[Symbol.asyncDispose]());

interface Ran {
  readonly code: number | null;
  readonly said: string;
  readonly ms: number;
}

/** Runs the command; nothing that it says may hold what a terminal obeys. */
async function run(...args: readonly string[]): Promise<Ran> {
  const start = performance.now();
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd: place.path,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const timer = setTimeout(() => child.kill('SIGTERM'), LIMIT_MS);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  expect(said).not.toMatch(OBEYED);
  expect(said).not.toMatch(/INTERNAL/);
  return { code, said, ms: performance.now() - start };
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A grey PNG whose header may lie about what follows. */
function png(width: number, height: number, pixels: Uint8Array): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0]);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(pixels)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...parts]);
}

/** A TIFF with these tags (all of type LONG) and no pixels worth the name. */
function tiff(tags: Readonly<Record<number, number>>): Buffer {
  const entries = Object.entries(tags).map(([tag, value]) => {
    const entry = Buffer.alloc(12);
    entry.writeUInt16LE(Number(tag));
    entry.writeUInt16LE(4, 2);
    entry.writeUInt32LE(1, 4);
    entry.writeUInt32LE(value, 8);
    return entry;
  });
  const count = Buffer.alloc(2);
  count.writeUInt16LE(entries.length);
  return Buffer.concat([Buffer.from('II*\0\x08\0\0\0', 'latin1'), count, ...entries, Buffer.alloc(32)]);
}

/** The size in a JPEG's frame header, replaced. */
function jpegOf(bytes: Buffer, width: number, height: number): Buffer {
  const at = bytes.indexOf(Buffer.from([0xff, 0xc0]));
  const changed = Buffer.from(bytes);
  changed.writeUInt16BE(height, at + 5);
  changed.writeUInt16BE(width, at + 7);
  return changed;
}

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><filter id="f"><feTurbulence numOctaves="9999"/></filter><rect width="9" height="9" filter="url(#f)"/></svg>';

describe('hostile pictures', () => {
  const red = sharp({ create: { width: 32, height: 32, channels: 3, background: 'red' } });
  it.each<readonly [string, () => Promise<Buffer> | Buffer, string]>([
    ['an SVG behind an AVIF comment', () => Buffer.from(`<!--ftypavif-->${SVG}`), 'IMAGE_UNSUPPORTED'],
    [
      'an SVG behind an AVIF box',
      () => Buffer.from(`\0\0\0\x14ftypavif\0\0\0\0avif${SVG}`),
      'IMAGE_UNREADABLE',
    ],
    ['an SVG behind a TIFF mark', () => Buffer.from(`II*\0${SVG}`), 'IMAGE_UNREADABLE'],
    ['a plain SVG', () => Buffer.from(SVG), 'IMAGE_UNSUPPORTED'],
    ['a compressed SVG', () => Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]), 'IMAGE_UNSUPPORTED'],
    ['a PDF', () => Buffer.from('%PDF-1.7\n'), 'IMAGE_UNSUPPORTED'],
    ['PostScript', () => Buffer.from('%!PS-Adobe-3.0\n'), 'IMAGE_UNSUPPORTED'],
    [
      'ImageMagick vector graphics',
      () => Buffer.from("push graphic-context\nimage over 0,0 0,0 'a'"),
      'IMAGE_UNSUPPORTED',
    ],
    ['a PNG of 65,000 x 65,000', () => png(65_000, 65_000, Buffer.alloc(100)), 'IMAGE_TOO_LARGE'],
    [
      'a PNG of 2^31 x 2^31',
      () => png(2 ** 31 - 1, 2 ** 31 - 1, Buffer.alloc(100)),
      'IMAGE_(TOO_LARGE|UNREADABLE)',
    ],
    ['a PNG of 0 x 0', () => png(0, 0, Buffer.alloc(1)), 'IMAGE_UNREADABLE'],
    [
      'a PNG with far fewer pixels than it says',
      () => png(9000, 9000, Buffer.alloc(100)),
      'IMAGE_UNREADABLE',
    ],
    [
      'a JPEG of 65,000 x 65,000',
      async () => jpegOf(await red.jpeg().toBuffer(), 65_000, 65_000),
      'IMAGE_TOO_LARGE',
    ],
    [
      'a WebP of 16,383 x 16,383',
      async () => {
        const bytes = await red.webp({ lossless: true }).toBuffer();
        const at = bytes.indexOf('VP8L') + 9;
        bytes.writeUInt32LE((16_382 | (16_382 << 14)) >>> 0, at);
        return bytes;
      },
      'IMAGE_(TOO_LARGE|UNREADABLE)',
    ],
    [
      'a TIFF of 2^31 x 2^31',
      () =>
        tiff({ 256: 2 ** 31 - 1, 257: 2 ** 31 - 1, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 1, 279: 8 }),
      'IMAGE_(TOO_LARGE|UNREADABLE)',
    ],
    [
      'a TIFF whose tile is far larger than it',
      () =>
        tiff({ 256: 9, 257: 9, 258: 8, 259: 8, 262: 1, 277: 1, 322: 24_000, 323: 24_000, 324: 8, 325: 8 }),
      'IMAGE_UNREADABLE',
    ],
    [
      'a TIFF whose directory is itself the next',
      () => Buffer.from('II*\0\x08\0\0\0\0\0\x08\0\0\0', 'latin1'),
      'IMAGE_UNREADABLE',
    ],
    ['half a JPEG', async () => half(await red.jpeg().toBuffer()), 'IMAGE_UNREADABLE'],
  ])('%s is refused in its time', async (_name, bytes, code) => {
    const start = performance.now();
    const picture = await bytes();
    await expect(loadImage(picture, { timeoutMs: 10_000 })).rejects.toMatchObject({
      code: expect.stringMatching(new RegExp(`^${code}$`)),
    });
    // The same by its header alone, as data sets are read: refused, or a size that is not too large.
    const path = join(place.path, 'hostile.png');
    await writeFile(path, picture);
    const header = await readImageHeader(path, { timeoutMs: 10_000 }).catch(
      (error: { code: string }) => error.code,
    );
    if (typeof header === 'string') expect(header).toMatch(/^IMAGE_/);
    else expect(header.width * header.height).toBeLessThanOrEqual(100e6);
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it('a picture of 100,000 x 1 is read', async () => {
    expect(await loadImage(png(100_000, 1, Buffer.alloc(100_001, 0)))).toMatchObject({
      width: 100_000,
      height: 1,
    });
  });

  it('a good one among them is segmented, and each of the others is named', async () => {
    const folder = join(place.path, 'mixed');
    await mkdir(folder);
    const image = sceneImage(8_941_601, 64, 64);
    await writePng(join(folder, 'good.png'), image.rgb, image);
    await writeFile(join(folder, 'svg.png'), `<!--ftypavif-->${SVG}`);
    await writeFile(join(folder, 'bomb.png'), png(65_000, 65_000, Buffer.alloc(9)));
    await writeFile(join(folder, 'wide.png'), png(100_000, 1, Buffer.alloc(100_001)));
    const { code, said, ms } = await run(
      'compare',
      folder,
      '--text',
      'a star',
      '--systems',
      'read/full',
      '--device',
      'cpu',
      '--out',
      'mixed-out',
    );
    expect(code).toBe(1);
    expect(said).toMatch(/svg\.png: IMAGE_UNSUPPORTED/);
    expect(said).toMatch(/bomb\.png: IMAGE_TOO_LARGE/);
    expect(said).toMatch(/wide\.png \(read\/full\): IMAGE_TOO_LARGE/);
    expect(said).toMatch(/read\/full +1 /);
    expect(ms).toBeLessThan(LIMIT_MS);
  });
});

describe('hostile names and texts', () => {
  const NAME = 'a\u001b[31m\r\u202egnp\u009b2J\nmaskloom: all is well.png';
  it.skipIf(process.platform === 'win32')('are shown, never obeyed', async () => {
    await writeFile(join(place.path, NAME), 'no picture');
    for (const args of [
      ['segment', NAME, '--system', 'read/full', '--text', 'a'],
      [
        'compare',
        NAME,
        'good.png',
        '--text',
        '\u001b]0;x\u0007',
        '--device',
        'cpu',
        '--systems',
        'read/full',
        '--out',
        'names',
      ],
      ['segment', 'good.png', '--system', 'read/\u001b[31m', '--text', 'a'],
      ['segment', 'good.png', '--system', 'sam/prompted', '--box', '\u001b[2J'],
      ['segment', 'good.png', '--system', 'read/full', '--bundle', 'a\u001b[2J', '--text', 'a'],
      ['\u001b[2J'],
      ['data', 'check', 'a\u001b[2J\u202e'],
      ['eval', '--data', 'a\u001b[2J', '--out', 'run\u009b2J'],
      ['report', 'a\u001b[2J'],
    ]) {
      const { code, said } = await run(...args);
      expect(code, said).not.toBe(0);
      expect(said.split('\n').filter((line) => /^maskloom: all is well/.test(line))).toEqual([]);
    }
  });
});

describe('hostile JSON', () => {
  const DEEP = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const PROTO = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"good.png":"a star"}';
  it.each([
    ['deep nesting', DEEP],
    ['huge numbers', `{"good.png":${'9'.repeat(100_000)}}`],
    ['keys of prototypes', PROTO],
    ['a byte that is not UTF-8', '{"good.png":"\xff'],
    ['nothing', ''],
  ])(
    'with %s as queries, bundle, run and data set ends in its time with a typed error',
    async (_name, text) => {
      const folder = join(place.path, `json-${_name.replaceAll(' ', '-')}`);
      await mkdir(join(folder, 'annotations'), { recursive: true });
      for (const name of [
        'bundle.json',
        'run.json',
        'synth.json',
        'queries.json',
        'annotations/instances_val.json',
      ])
        await writeFile(join(folder, name), text, 'latin1');
      for (const args of [
        [
          'compare',
          'good.png',
          '--queries',
          join(folder, 'queries.json'),
          '--systems',
          'read/full',
          '--device',
          'cpu',
          '--out',
          'json-out',
        ],
        ['segment', 'good.png', '--system', 'read/full', '--text', 'a', '--bundle', folder],
        ['report', folder],
        ['data', 'check', folder, '--format', 'coco'],
      ]) {
        const { code, said, ms } = await run(...args);
        if (!(args[0] === 'compare' && text === PROTO)) expect(code, said).toBeGreaterThan(0);
        expect(code, said).toBeLessThan(3);
        expect(ms).toBeLessThan(LIMIT_MS);
      }
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    },
  );
});

describe('hostile bundles', () => {
  it.skipIf(process.platform === 'win32')('may not reach out of their folder by a link', async () => {
    const folder = join(place.path, 'linked');
    await mkdir(folder);
    await writeFile(join(place.path, 'secret.txt'), 'top secret');
    await symlink(join(place.path, 'secret.txt'), join(folder, 'bundle.json'));
    const { code, said } = await run(
      'segment',
      'good.png',
      '--system',
      'read/full',
      '--text',
      'a',
      '--bundle',
      folder,
    );
    expect(code).toBe(1);
    expect(said).not.toContain('top secret');
  });
});

describe('hostile services', () => {
  it.each<readonly [string, (response: ServerResponse) => void]>([
    ['never answers', () => undefined],
    [
      'never ends',
      (response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write(' '), 5);
        response.on('close', () => clearInterval(timer));
      },
    ],
    ['sends 50 MB', (response) => response.end(Buffer.alloc(50e6, 0x7b))],
    ['sends braces', (response) => response.end(completion('{'.repeat(400_000)))],
    ['sends escapes', (response) => response.end(completion('\u001b[2J\u202e'))],
    ['redirects to a file', (response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end()],
    ['sends keys of prototypes', (response) => response.end(completion('{"__proto__":{"colour":["x"]}}'))],
  ])('one that %s costs its limit and no more', async (_name, behave) => {
    const server = createServer((request, response) => {
      request.resume();
      behave(response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const source = openAiCompatible({
      baseUrl: `http://alice:hunter2@127.0.0.1:${port}/v1?key=sk-secret`,
      model: 'toy\u001b[31m',
      timeoutMs: 800,
      retries: 1,
      backOffMs: 1,
    });
    const start = performance.now();
    const writer = await source.open({
      models: fakeHost(),
      signal: new AbortController().signal,
      warn: () => undefined,
    });
    const error: unknown = await writer
      .describe(['a\u001b[2Jcup'], 'all', fakeRun())
      .catch((caught: unknown) => caught);
    server.closeAllConnections();
    server.close();
    expect(performance.now() - start).toBeLessThan(15_000);
    expect(error).toMatchObject({ code: expect.stringMatching(/^SERVICE_/) });
    const { message, stack = '' } = error as Error;
    expect(message).not.toMatch(OBEYED);
    expect(`${message} ${stack} ${JSON.stringify(error)}`).not.toMatch(/alice|hunter2|sk-secret/);
  });
});

const completion = (content: string): string =>
  JSON.stringify({ choices: [{ message: { role: 'assistant', content } }] });
const half = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.length / 2);
