import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HubServer } from '../client/hub-server.test.helper.js';
import type { Progress } from '../client/progress.js';
import { hubSettings, type HubSettings } from '../client/settings.js';
import { listCache, removeRepository, verifyCache } from './manage.js';
import { openRepository, pullFiles, type PullOptions } from './pull.js';
import { askForRoom } from './room.js';

const ID = 'owner/model';
const MODEL = randomBytes(300_000);
const SHA = createHash('sha256').update(MODEL).digest('hex');
const CONFIG = '{"model_type":"sam"}';

let server: HubServer;
let folder: string;
let commit: string;
beforeEach(async () => {
  server = await new HubServer().start();
  folder = mkdtempSync(join(tmpdir(), 'maskloom-hub-'));
  commit = server.add(ID, { 'config.json': CONFIG, 'onnx/model.onnx': MODEL, 'README.md': 'a model' }).commit;
});
afterEach(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const settings = (more: Partial<HubSettings> = {}): HubSettings =>
  hubSettings(
    { HF_HOME: folder },
    { endpoint: more.endpoint ?? server.endpoint, retryDelay: 5, stallTimeout: 2000, ...more },
  );

async function pull(more: Partial<HubSettings> = {}, options: PullOptions = {}, id = ID): Promise<string> {
  const open = await openRepository({ id, revision: 'main' }, settings(more), options.signal);
  await pullFiles(open, open.files, options);
  return open.snapshot;
}
const home = (): string => join(folder, 'hub', 'models--owner--model');
const partials = (): string[] =>
  readdirSync(join(home(), 'blobs')).filter((name) => name.endsWith('.incomplete'));
const refused = (code: string, ...words: string[]) =>
  expect.objectContaining({
    name: 'MaskloomError',
    code,
    message: expect.stringMatching(new RegExp(words.join('.*'), 's')),
  });

describe('what is fetched', () => {
  it("lies as Python's library lays it", async () => {
    const snapshot = await pull();
    expect(snapshot).toBe(join(home(), 'snapshots', commit));
    expect(readFileSync(join(home(), 'refs', 'main'), 'utf8')).toBe(commit);
    expect(readlinkSync(join(snapshot, 'onnx', 'model.onnx'))).toBe(`../../../blobs/${SHA}`);
    const etag = createHash('sha1').update(`blob ${CONFIG.length}\0${CONFIG}`).digest('hex');
    expect(readlinkSync(join(snapshot, 'config.json'))).toBe(`../../blobs/${etag}`);
    expect(readFileSync(join(snapshot, 'onnx', 'model.onnx')).equals(MODEL)).toBe(true);
    expect(partials()).toEqual([]);
  });

  it('is not fetched again', async () => {
    await pull();
    server.requests.length = 0;
    await pull();
    expect(
      server.requests.filter(({ path }) => path.includes('/resolve/') || path.includes('/storage/')),
    ).toEqual([]);
  });

  it('is a file of its own where links are switched off', async () => {
    const snapshot = await pull({ symlinks: false });
    expect(lstatSync(join(snapshot, 'onnx', 'model.onnx')).isFile()).toBe(true);
  });

  it('is fetched once by two that want it at the same time', async () => {
    server.faults.pace = 20_000;
    const seen: Progress[] = [];
    await Promise.all([
      pull({}, { onProgress: (p) => seen.push(p) }),
      pull({}, { onProgress: (p) => seen.push(p) }),
    ]);
    expect(server.requests.filter(({ path }) => path.startsWith('/storage/'))).toHaveLength(1);
    expect(seen.some(({ waiting }) => waiting)).toBe(true);
  });

  it('is told of with rate and time left, and ends with everything', async () => {
    server.faults.pace = 3_000;
    const seen: Progress[] = [];
    await pull({}, { onProgress: (progress) => seen.push(progress) });
    const last = seen.at(-1) as Progress;
    expect([last.done, last.total]).toEqual([last.total, MODEL.length + CONFIG.length + 7]);
    expect(seen.every(({ done }, i) => i === 0 || done >= (seen[i - 1]?.done ?? 0))).toBe(true);
    expect(seen.some(({ rate, secondsLeft = 0 }) => rate > 0 && secondsLeft > 0)).toBe(true);
  });
});

describe('a download that is cut off', () => {
  it('goes on where it ended, within one pull', async () => {
    server.faults.cutAfter = 100_000;
    const snapshot = await pull();
    const ranges = server.requests
      .filter(({ path }) => path.startsWith('/storage/'))
      .map(({ range }) => range);
    expect(ranges).toEqual(['', 'bytes=100000-', 'bytes=200000-']);
    expect(readFileSync(join(snapshot, 'onnx', 'model.onnx')).equals(MODEL)).toBe(true);
  });

  it('keeps what came when it is called off, and goes on later', async () => {
    // Slow enough that progress, told every 200 ms, is told well before the end.
    server.faults.pace = 2_000;
    const stop = new AbortController();
    const onProgress = ({ done }: Progress): void => void (done > 100_000 && stop.abort());
    await expect(pull({}, { signal: stop.signal, onProgress })).rejects.toMatchObject({ code: 'ABORTED' });
    expect(partials()).toEqual([`${SHA}.maskloom.incomplete`]);
    server.faults.pace = Infinity;
    server.requests.length = 0;
    await pull();
    expect(server.requests.find(({ path }) => path.startsWith('/storage/'))?.range).toMatch(/^bytes=[1-9]/);
    expect(await verifyCache(settings())).toEqual([]);
  });

  it('starts over where the server takes no ranges', async () => {
    await pull();
    rmSync(join(home(), 'snapshots', commit, 'onnx', 'model.onnx'));
    rmSync(join(home(), 'blobs', SHA));
    writeFileSync(join(home(), 'blobs', `${SHA}.maskloom.incomplete`), MODEL.subarray(0, 1234));
    server.faults.noRange = true;
    const snapshot = await pull();
    expect(readFileSync(join(snapshot, 'onnx', 'model.onnx')).equals(MODEL)).toBe(true);
  });

  it('starts over, once, where what came earlier is not part of the file', async () => {
    await pull();
    rmSync(join(home(), 'snapshots', commit, 'onnx', 'model.onnx'));
    rmSync(join(home(), 'blobs', SHA));
    writeFileSync(join(home(), 'blobs', `${SHA}.maskloom.incomplete`), Buffer.alloc(1234));
    const snapshot = await pull();
    expect(readFileSync(join(snapshot, 'onnx', 'model.onnx')).equals(MODEL)).toBe(true);
  });
});

describe('a hub that fails', () => {
  it.each([408, 429, 500, 502, 503, 504])('with %i is asked again', async (status) => {
    server.faults.failing = { status, times: 2 };
    await pull();
    expect(existsSync(join(home(), 'blobs', SHA))).toBe(true);
  });

  it('for long is given up, with what to do', async () => {
    server.faults.failing = { status: 503, times: Infinity };
    await expect(pull()).rejects.toEqual(refused('HUB_UNREACHABLE', '503', 'later'));
  });

  it('by not being there is named', async () => {
    const { endpoint } = server;
    await server.stop();
    await expect(pull({ endpoint })).rejects.toEqual(
      refused('HUB_UNREACHABLE', '127.0.0.1', 'HF_HUB_OFFLINE'),
    );
    server = await new HubServer().start();
  });

  it('by sending other bytes than it says is found out, and nothing is kept', async () => {
    server.faults.corrupt = true;
    await expect(pull()).rejects.toEqual(refused('HUB_FILE_DAMAGED', 'onnx/model.onnx', SHA));
    expect(partials()).toEqual([]);
    expect(existsSync(join(home(), 'blobs', SHA))).toBe(false);
    expect(existsSync(join(home(), 'snapshots', commit, 'onnx', 'model.onnx'))).toBe(false);
  });

  it.each(['../evil', '/etc/evil', 'a/../../evil', 'a\\b'])(
    'by naming a file %j is refused',
    async (name) => {
      server.add('owner/evil', { [name]: 'x' });
      await expect(pull({}, {}, 'owner/evil')).rejects.toEqual(refused('HUB_FILE_DAMAGED'));
    },
  );
});

describe('access', () => {
  it('to a repository that is not there or private', async () => {
    await expect(pull({}, {}, 'owner/nothing')).rejects.toEqual(
      refused('HUB_NOT_FOUND', 'owner/nothing', 'HF_TOKEN'),
    );
    server.add('owner/secret', { 'config.json': CONFIG }, { access: 'private' });
    await expect(pull({}, {}, 'owner/secret')).rejects.toEqual(
      refused('HUB_NOT_FOUND', 'private', 'HF_TOKEN'),
    );
    await pull({ token: server.token }, {}, 'owner/secret');
  });

  it('to a gated one says where its conditions are', async () => {
    server.add('owner/gated', { 'config.json': CONFIG }, { access: 'gated' });
    await expect(pull({}, {}, 'owner/gated')).rejects.toEqual(
      refused('HUB_ACCESS_DENIED', 'gated', `${server.endpoint}/owner/gated`, 'HF_TOKEN'),
    );
    await pull({ token: server.token }, {}, 'owner/gated');
  });

  it('with a wrong token', async () => {
    await expect(pull({ token: 'hf_wrong' })).rejects.toEqual(refused('HUB_ACCESS_DENIED', 'token'));
  });

  it('to a revision that is not there', async () => {
    const asked = openRepository({ id: ID, revision: 'v9' }, settings());
    await expect(asked).rejects.toEqual(refused('HUB_NOT_FOUND', 'v9'));
  });

  it('gives the token to the hub and never to the storage', async () => {
    await pull({ token: server.token });
    for (const { path, host, authorization } of server.requests) {
      const storage = path.startsWith('/storage/');
      expect(host.startsWith(storage ? 'localhost' : '127.0.0.1')).toBe(true);
      expect(authorization).toBe(storage ? '' : `Bearer ${server.token}`);
    }
  });
});

describe('offline', () => {
  it('gives what was fetched and asks nobody', async () => {
    await pull();
    server.requests.length = 0;
    const open = await openRepository({ id: ID, revision: 'main' }, settings({ offline: true }));
    expect(open.commit).toBe(commit);
    expect(open.files.map(({ path }) => path)).toEqual(['README.md', 'config.json', 'onnx/model.onnx']);
    expect(server.requests).toEqual([]);
  });

  it('says what was never fetched', async () => {
    const asked = openRepository({ id: 'owner/other', revision: 'main' }, settings({ offline: true }));
    await expect(asked).rejects.toEqual(
      refused('HUB_OFFLINE', 'owner/other', 'maskloom hub pull owner/other'),
    );
  });
});

describe('the cache', () => {
  it('is listed, verified and emptied', async () => {
    await pull();
    const [entry] = await listCache(settings());
    expect(entry).toMatchObject({ id: ID, revisions: [{ commit, refs: ['main'] }] });
    expect(entry?.revisions[0]?.files).toContain('onnx/model.onnx');
    expect(entry?.bytes).toBeGreaterThan(MODEL.length);

    const blob = join(home(), 'blobs', SHA);
    const bytes = readFileSync(blob);
    bytes[5] = (bytes[5] ?? 0) ^ 1;
    writeFileSync(blob, bytes);
    expect(await verifyCache(settings())).toEqual([
      { id: ID, file: 'onnx/model.onnx', message: expect.stringContaining(SHA) },
    ]);
    rmSync(blob);
    expect(await verifyCache(settings(), [ID])).toMatchObject([{ file: 'onnx/model.onnx' }]);

    expect(await removeRepository(ID, settings())).toBeGreaterThan(0);
    expect(await listCache(settings())).toEqual([]);
    await expect(removeRepository(ID, settings())).rejects.toEqual(refused('HUB_NOT_FOUND'));
  });

  it('is asked for room before anything is written', async () => {
    await expect(askForRoom(folder, 1e18)).rejects.toEqual(refused('DISK_FULL', 'GB', 'HF_HUB_CACHE'));
  });
});

it("reads the settings of Python's library", () => {
  const env = { HF_HOME: '/h', HF_ENDPOINT: 'http://mirror/', HF_TOKEN: ' t\n', HF_HUB_OFFLINE: '1' };
  expect(hubSettings(env)).toMatchObject({
    cache: '/h/hub',
    endpoint: 'http://mirror',
    token: 't',
    offline: true,
    madeFiles: '/h/maskloom',
  });
  expect(hubSettings({ ...env, HF_HUB_CACHE: '/c', MASKLOOM_CACHE: '/m' })).toMatchObject({
    cache: '/c',
    madeFiles: '/m',
  });
  expect(hubSettings({ XDG_CACHE_HOME: '/x' }).cache).toBe('/x/huggingface/hub');
  expect(hubSettings({ ...env, HF_HUB_DISABLE_IMPLICIT_TOKEN: '1' }).token).toBeUndefined();
  writeFileSync(join(folder, 'token'), 'from-file\n');
  expect(hubSettings({ HF_HOME: folder }).token).toBe('from-file');
});
