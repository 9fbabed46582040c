// What the studio refuses: requests that no page of its own makes, files that are not for it, and texts that would be run.
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { OWNER_TAG } from '@maskloom/core';
import { folderBundle, openBundle } from '@maskloom/runtime';
import { startStudio } from '@maskloom/studio';
import { createDefaultRegistry } from 'maskloom';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BAD } from '../e2e/lib/images.js';
import { eventsOf, openTestStudio, pictureId, type TestStudio } from '../e2e/lib/studio.js';

let studio: TestStudio;
beforeAll(async () => {
  studio = await openTestStudio();
});
afterAll(() => studio?.[Symbol.asyncDispose]());

/** A request with headers that fetch would not send. */
function raw(
  path: string,
  headers: Readonly<Record<string, string>>,
  method = 'GET',
  body?: AsyncIterable<Buffer>,
) {
  const { hostname, port } = new URL(studio.origin);
  return new Promise<{ readonly status: number; readonly text: string }>((resolve, reject) => {
    const sent = httpRequest({ hostname, port, path, method, headers }, (response: IncomingMessage) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on('error', reject);
    // The other side may hang up in the middle of it.
    void pipeline(Readable.from(body ?? []), sent).catch(() => undefined);
  });
}

const token = (): Record<string, string> => ({ authorization: `Bearer ${studio.studio.token}` });

describe('the door', () => {
  it.each([
    ['another host name', { host: 'evil.example' }],
    ['a rebound host name with the port', { host: 'evil.example:8080' }],
    ['a name that begins like ours', { host: '127.0.0.1.evil.example' }],
    ['a foreign origin', { origin: 'https://evil.example' }],
    ['an opaque origin', { origin: 'null' }],
    ['another port of this machine', { origin: 'http://127.0.0.1:1' }],
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }],
    ['a page of this site by another name', { 'sec-fetch-site': 'same-site' }],
  ])('is shut for %s, with the right token', async (_, headers) => {
    for (const path of [
      '/api/studio',
      '/api/pictures',
      `/?token=${studio.studio.token}`,
      '/assets/icon.svg',
    ]) {
      const { status } = await raw(path, { ...token(), ...headers });
      expect([400, 403], path).toContain(status);
    }
  });

  it('is shut without the token, and with another', async () => {
    for (const path of ['/', '/api', '/api/studio', '/api/pictures', '/api/nothing']) {
      for (const headers of [{}, { authorization: 'Bearer x' }, { authorization: studio.studio.token }])
        expect((await raw(path, headers)).status, path).toBe(403);
      expect((await raw(`${path}?token=`, {})).status).toBe(403);
    }
    // The token in an address opens the page and the description alone.
    const query = `?token=${studio.studio.token}`;
    expect((await raw(`/${query}`, {})).status).toBe(200);
    expect((await raw(`/api/pictures${query}`, {})).status).toBe(403);
    expect((await raw('/api/pictures', token())).status).toBe(200);
  });

  it('takes no body that a form of another site could send', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const sent = await studio.call('/api/asks', {
        method: 'POST',
        body: '{}',
        headers: { 'content-type': type },
      });
      expect(sent.status).toBe(415);
    }
  });

  it('gives every answer a policy that runs and loads nothing foreign', async () => {
    for (const path of [`/?token=${studio.studio.token}`, '/api/studio', '/nowhere']) {
      const { headers } = await studio.call(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      // Neither 'unsafe-inline' nor 'unsafe-eval'; the page's own WebAssembly may be compiled.
      expect(policy).not.toContain("'unsafe");
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('access-control-allow-origin')).toBeNull();
    }
  });

  it('listens for others only with a token of their own', async () => {
    const source = folderBundle(bundleDirectory);
    const options = {
      registry: createDefaultRegistry(),
      bundles: [{ source, bundle: await openBundle(source) }],
    };
    for (const more of [{}, { token: 'short' }])
      await expect(startStudio({ ...options, host: '0.0.0.0', ...more })).rejects.toMatchObject({
        code: 'OPTION_INVALID',
        where: '--token',
      });
    const warnings: string[] = [];
    await using open = await startStudio({
      ...options,
      host: '0.0.0.0',
      token: 'a-token-that-is-long-enough',
      onWarning: (message) => warnings.push(message),
    });
    expect(warnings.join()).toContain('0.0.0.0');
    expect(open.token).toBe('a-token-that-is-long-enough');
  });
});

describe('files', () => {
  it('are reached by the ids of named folders alone', async () => {
    writeFileSync(join(studio.folder, '../maskloom-secret.png'), 'secret');
    for (const id of ['../plain.png', '..%2f..%2fetc%2fpasswd', '/etc/passwd', '%2e%2e', 'plain.png'])
      expect((await studio.call(`/api/pictures/${encodeURIComponent(id)}/pixels`)).status).toBe(404);
    for (const path of [
      '/assets/../../package.json',
      '/assets/%2e%2e%2f%2e%2e%2fpackage.json',
      '/..%2f..%2fetc/passwd',
    ])
      expect((await raw(path, token())).status).toBe(404);
  });

  it('behind links that lead out of a folder are not listed', async () => {
    await using other = await openTestStudio({ inputs: [] });
    const outside = join(other.folder, 'outside');
    const inside = join(other.folder, 'inside');
    mkdirSync(outside);
    mkdirSync(inside);
    writeFileSync(join(outside, 'secret.png'), 'secret');
    symlinkSync(join(outside, 'secret.png'), join(inside, 'innocent.png'));
    symlinkSync(outside, join(inside, 'folder'));
    await using linked = await openTestStudio({ inputs: [inside] });
    expect(await (await linked.call('/api/pictures')).json()).toEqual([]);
  });

  it('are not read by the options of stages', async () => {
    const picture = await pictureId(studio);
    const stages = { PromptWriter: { stage: 'lmseg/all-attributes', options: { source: '/etc/passwd' } } };
    const body = JSON.stringify({
      picture,
      question: { labels: ['a star'] },
      systems: [{ recipe: 'lmseg/full', stages }],
    });
    const events = await eventsOf(await studio.call('/api/asks', { method: 'POST', body }));
    expect(events[0]).toEqual(['failed', expect.objectContaining({ place: 0, code: 'ACCESS_DENIED' })]);
  });
});

describe('what comes with a question', () => {
  const asked = async (question: object, more: object = {}, system: object = { recipe: 'lmseg/full' }) => {
    const body = JSON.stringify({ picture: await pictureId(studio), question, systems: [system], ...more });
    return studio.call('/api/asks', { method: 'POST', body });
  };

  it('describes classes by itself: a path of a file is refused, and so is anything else', async () => {
    for (const descriptions of ['/etc/passwd', 'benchmark-classes', ['x'], { classes: '/etc/passwd' }, {}])
      expect((await asked({ labels: ['a star'], descriptions })).status).toBe(400);
    const wrong = { schema: 'maskloom.descriptions/1', classes: { star: { colour: 'no list' } } };
    const [failed] = await eventsOf(await asked({ labels: ['star'], descriptions: wrong }));
    expect(failed).toEqual(['failed', expect.objectContaining({ code: 'DATA_INVALID' })]);
  });

  it('sees no part of a picture that it does not have', async () => {
    const part = async (text: string): Promise<number> =>
      (await studio.call(`/api/pictures/${await pictureId(studio)}/pixels?part=${text}`)).status;
    expect(await part('10,20,30,40')).toBe(200);
    for (const outside of [
      '0,0,161,96',
      '159,95,2,1',
      '0,0,0,5',
      '-1,0,5,5',
      '0,0,1e3,5',
      '0,0,5',
      '999999,0,9,9',
    ])
      expect(await part(outside), outside).toBe(400);
  });

  it('names devices that there are', async () => {
    expect((await asked({ text: 'x' }, {}, { recipe: 'read/full', device: 'tpu' })).status).toBe(400);
    const foreign = process.platform === 'darwin' ? 'dml' : 'coreml';
    const [failed] = await eventsOf(await asked({ text: 'x' }, {}, { recipe: 'read/full', device: foreign }));
    expect(failed?.[1].code).toBe('DEVICE_UNAVAILABLE');
    expect(failed?.[1].message).toMatch(/only on/);
  });

  it('is about questions that the picture has', async () => {
    for (const about of [0, 1e9]) expect((await asked({ text: 'x' }, { about })).status).toBe(404);
    for (const about of [-1, 0.5, '0']) expect((await asked({ text: 'x' }, { about })).status).toBe(400);
  });

  it('puts no unknown column into a table', async () => {
    const body = JSON.stringify({ title: 'x', systems: [{ recipe: 'read/full' }], columns: ["'; evil('"] });
    const answer = await studio.call('/api/table', { method: 'POST', body });
    expect([answer.status, await answer.json()]).toEqual([
      400,
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    ]);
  });
});

describe('uploads', () => {
  const upload = (bytes: Uint8Array, tab?: string, name = 'x.png') =>
    studio.call(
      `/api/pictures?name=${encodeURIComponent(name)}`,
      { method: 'POST', body: bytes as BodyInit, headers: { 'content-type': 'application/octet-stream' } },
      tab,
    );

  it('of a gigabyte end early, whether they say their length or not', async () => {
    const before = process.memoryUsage.rss();
    const headers = { ...token(), 'content-type': 'application/octet-stream' };
    const said = await raw('/api/pictures', { ...headers, 'content-length': String(1e9) }, 'POST').catch(
      () => ({
        status: 413,
      }),
    );
    expect(said.status).toBe(413);
    let sent = 0;
    async function* gigabyte(): AsyncGenerator<Buffer> {
      const chunk = Buffer.alloc(1 << 20);
      for (; sent < 1000; sent++) yield chunk;
    }
    const streamed = await raw(
      '/api/pictures',
      { ...headers, 'transfer-encoding': 'chunked' },
      'POST',
      gigabyte(),
    ).catch(() => ({ status: 413 }));
    expect(streamed.status).toBe(413);
    expect(sent).toBeLessThan(300);
    expect(process.memoryUsage.rss() - before).toBeLessThan(400e6);
    expect((await studio.call('/api/studio')).status).toBe(200);
  });

  it.each(Object.entries(BAD))('of %s are refused and leave nothing', async (_, { bytes, code }) => {
    const answer = await upload(await bytes());
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(await answer.json()).toMatchObject({ code });
  });

  it('reach no other tab, and go with their folder', async () => {
    const own = await openTestStudio();
    const bytes = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const sent = await own.call(
      '/api/pictures?name=secret.png',
      { method: 'POST', body: bytes as BodyInit, headers: { 'content-type': 'application/octet-stream' } },
      'first-tab',
    );
    const { id } = (await sent.json()) as { readonly id: string };
    const scratch = (): string[] =>
      readdirSync(tmpdir()).filter((name) => name.includes(`studio.maskloom-partial-${OWNER_TAG}`));
    const folders = scratch();
    expect(folders.flatMap((name) => readdirSync(join(tmpdir(), name)))).toContain(id);
    expect((await own.call(`/api/pictures/${id}/pixels`, {}, 'first-tab')).status).toBe(200);
    expect((await own.call(`/api/pictures/${id}/pixels`, {}, 'other-tab')).status).toBe(404);
    expect(await (await own.call('/api/pictures', {}, 'other-tab')).text()).not.toContain('secret');
    await own[Symbol.asyncDispose]();
    expect(folders.filter((name) => existsSync(join(tmpdir(), name)))).toHaveLength(folders.length - 1);
  });
});
