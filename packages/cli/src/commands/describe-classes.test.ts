import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readDescriptions } from '@maskloom/lmseg';
import { runCommand } from '../program.js';

let folder: string;
const server = createServer((_, response) => {
  const description = {
    colour: ['It is red.'],
    'shape-size': ['It is round.'],
    'texture-material': ['Smooth.'],
  };
  const message = { role: 'assistant', content: JSON.stringify(description) };
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ choices: [{ message }] }));
});
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maskloom-describe-'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

async function run(...args: readonly string[]) {
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  const terminal = { out: say, note: say, warn: say, progress: () => undefined };
  const code = await runCommand(['describe', ...args], { ...terminal, signal: new AbortController().signal });
  return { code, said: lines.join('\n') };
}

it('writes a file that --descriptions reads, each name of a class by itself', async () => {
  const out = join(folder, 'fruit.json');
  const service = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const asked = ['--labels', 'apple|pome,pear', '--service', service, '--model', 'toy', '--out', out];
  expect(await run(...asked)).toMatchObject({
    code: 0,
    said: expect.stringContaining('3 classes by toy') as string,
  });
  const { classes } = await readDescriptions(out);
  expect(Object.keys(classes)).toEqual(['apple', 'pome', 'pear']);
  expect(classes['pear']).toEqual({
    colour: ['It is red.'],
    'shape-size': ['It is round.'],
    'texture-material': ['Smooth.'],
  });
});

it('says what is missing and writes nothing', async () => {
  const out = join(folder, 'none', 'x.json');
  const said = [
    await run('--labels', 'apple', '--out', out),
    await run('--labels', 'apple', '--service', 'http://127.0.0.1:9', '--out', out),
    await run('--labels', 'apple', '--bundle', 'tiny', '--out', out),
    await run('--service', 'http://127.0.0.1:9', '--model', 'toy', '--out', out),
  ];
  expect(said.map(({ said: text }) => /\b[A-Z_]{10,}\b/.exec(text)?.[0])).toEqual([
    'OPTION_INVALID',
    'OPTION_INVALID',
    'BUNDLE_INVALID',
    'VALUE_INVALID',
  ]);
  expect(said.every(({ code }) => code !== 0)).toBe(true);
  expect(await readdir(folder)).toEqual(['fruit.json']);
});
