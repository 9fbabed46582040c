import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { writePng } from '@maskloom/runtime';
import { COMMAND, sceneImage, temporaryFolder } from './workbench.js';

let place: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  place = await temporaryFolder();
  // What any command may load and never comes back from: its thread hears no signal.
  const stuck = `import { writeFileSync } from 'node:fs'; writeFileSync('stuck-' + process.pid, ''); for (;;) {}`;
  await writeFile(join(place.path, 'stuck.mjs'), stuck);
  const image = sceneImage(8_941_500, 128, 128);
  await writePng(join(place.path, 'image.png'), image.rgb, image);
  await mkdir(join(place.path, 'coco/annotations'), { recursive: true });
  await mkdir(join(place.path, 'coco/images'));
  const annotation = { id: 1, image_id: 1, category_id: 1, iscrowd: 0, area: 4, bbox: [0, 0, 2, 2] };
  const one = JSON.stringify({ ...annotation, segmentation: [[0, 0, 2, 0, 2, 2, 0, 2]] });
  const head = `{"images":[{"id":1,"file_name":"a.png","width":128,"height":128}],"categories":[{"id":1,"name":"a"}],"annotations":[`;
  const many = Array.from({ length: 400_000 }, (_, i) => one.replace('"id":1', `"id":${i}`)).join(',');
  await writeFile(join(place.path, 'coco/annotations/instances_val.json'), `${head}${many}]}`);
  await writePanoptic(join(place.path, 'panoptic'), 20_000);
});
afterAll(() => place[Symbol.asyncDispose]());

/** A panoptic data set of one large picture, which every image has. */
async function writePanoptic(folder: string, count: number): Promise<void> {
  await mkdir(join(folder, 'panoptic'), { recursive: true });
  await mkdir(join(folder, 'images'));
  const [width, height] = [1200, 900];
  const rgb = new Uint8Array(3 * width * height).fill(1);
  await writePng(join(folder, 'panoptic/a.png'), rgb, { width, height });
  await sharp(rgb, { raw: { width, height, channels: 3 } }).toFile(join(folder, 'images/a.jpg'));
  const segment = { id: 0x010101, category_id: 1, area: width * height, bbox: [0, 0, width, height] };
  const ids = Array.from({ length: count }, (_, id) => id);
  const data = {
    images: ids.map((id) => ({ id, file_name: 'a.jpg', width, height })),
    categories: [{ id: 1, name: 'a', isthing: 1 }],
    annotations: ids.map((image_id) => ({ image_id, file_name: 'a.png', segments_info: [segment] })),
  };
  await writeFile(join(folder, 'panoptic.json'), JSON.stringify(data));
}

beforeEach(() => {
  for (const name of readdirSync(place.path)) if (name.startsWith('stuck-')) rmSync(join(place.path, name));
});

/** Numbers of the processes that live below one, itself excluded. */
function below(pid: number): readonly number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(path)) return [];
  const children = readFileSync(path, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  return children.flatMap((child) => [child, ...below(child)]);
}

interface Interrupted {
  readonly code: number | null;
  readonly ms: number;
  readonly stderr: string;
  readonly left: readonly number[];
}

/** Starts the command, sends a signal when it is in the middle, and waits for its end. */
async function interrupt(
  args: readonly string[],
  signal: NodeJS.Signals,
  middle: (pid: number) => boolean,
): Promise<Interrupted> {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd: place.path,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  for (let i = 0; i < 1200 && !middle(child.pid as number); i++) {
    if (child.exitCode !== null) throw new Error(`It ended before the signal: ${stderr}`);
    await wait(50);
  }
  const processes = below(child.pid as number);
  const start = performance.now();
  child.kill(signal);
  const code = await ended;
  const ms = performance.now() - start;
  // A busy kernel takes its time with what was killed.
  const left = (): readonly number[] => processes.filter(lives);
  for (let i = 0; i < 40 && left().length > 0; i++) await wait(50);
  return { code, ms, stderr, left: left() };
}

/** Whether a process is there and not only waits for somebody to ask how it ended (state Z in proc(5)). */
function lives(pid: number): boolean {
  try {
    const state = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^\) [ZX] /.test(state.slice(state.lastIndexOf(')')));
  } catch {
    return false;
  }
}

/** Two seconds on a free machine; a loaded one gets more in proportion. */
async function limit(): Promise<number> {
  const start = performance.now();
  await new Promise((resolve) => spawn(process.execPath, [COMMAND, '--version']).once('exit', resolve));
  return 2000 * Math.max(1, (performance.now() - start) / 200);
}

const stuck = (): boolean => readdirSync(place.path).some((name) => name.startsWith('stuck-'));
const after = (ms: number) => (): (() => boolean) => {
  const start = performance.now();
  return () => performance.now() - start > ms;
};
/** A device is tried in a process of its own, below the one that works. */
const probing = () => (pid: number) => below(pid).length > 1;

// Windows cannot send these signals.
describe.skipIf(process.platform === 'win32')('within two seconds', () => {
  it.each([
    ['compare', ['compare', 'image.png', '--text', 'a', '--out', 'out']],
    ['segment', ['segment', 'image.png', '--system', 'read/full', '--text', 'a']],
    ['refine', ['refine', 'image.png', '--system', 'read/full', '--text', 'a', '--say', 'larger']],
    ['systems', ['systems']],
    ['eval', ['eval', '--data', 'coco', '--format', 'coco', '--out', 'run']],
    ['ablate', ['ablate', 'read/table-6', '--out', 'run']],
  ] as const)('%s ends although its thread is stuck', async (_name, args) => {
    const signal = args[0] === 'segment' || args[0] === 'eval' ? 'SIGTERM' : 'SIGINT';
    const ended = await interrupt(['--plugin', './stuck.mjs', ...args], signal, stuck);
    expect(ended).toMatchObject({ code: 130, left: [] });
    expect(ended.stderr).toContain('interrupted');
    expect(ended.ms).toBeLessThan(await limit());
  });

  it.each([
    ['data check', ['data', 'check', 'coco', '--format', 'coco-instances'], after(2500)],
    ['data check of pictures', ['data', 'check', 'panoptic', '--format', 'coco-panoptic'], after(2500)],
    ['data synth', ['data', 'synth', '--out', 'synth', '--count', '100000'], after(2500)],
    ['doctor', ['doctor'], probing],
    ['ablate', ['ablate', 'read/table-6', '--count', '500', '--device', 'cpu', '--out', 'run'], after(6000)],
  ] as const)('%s ends in the middle of its work, its processes with it', async (_name, args, middle) => {
    const ended = await interrupt(args, 'SIGINT', middle());
    expect(ended, ended.stderr).toMatchObject({ left: [] });
    // What is left of doctor's work may be done in the time that it has to tidy up.
    expect(args[0] === 'doctor' ? [130, 0] : [130], ended.stderr).toContain(ended.code);
    expect(ended.ms).toBeLessThan(await limit());
  });
});

it('a command whose process the system ends says so', async () => {
  const ended = await interrupt(['--plugin', './stuck.mjs', 'systems'], 'SIGCONT', () => {
    const running = readdirSync(place.path).find((name) => name.startsWith('stuck-'));
    if (running !== undefined) process.kill(Number(running.slice(6)), 'SIGKILL');
    return running !== undefined;
  });
  expect(ended).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/INTERNAL: the system ended the command/),
  });
});
