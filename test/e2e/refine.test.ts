import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeMask, encodeLabel, maskIou, type ConversationRecord } from '@maskloom/core';
import { makeScene } from '@maskloom/synth';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maskloom } from './lib/maskloom.js';

const scene = makeScene(8_950_109, 160, 96);
const thing = [...scene.things].sort((a, b) => b.area - a.area)[0];
const truth = encodeLabel(scene.labels, scene.width, scene.height, thing?.id ?? 0);
const box = (thing?.bbox ?? []).join(',');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maskloom-refine-'));
  const raw = (bytes: Uint8Array, width: number, height: number, channels: 1 | 3) =>
    sharp(bytes, { raw: { width, height, channels } }).png().toBuffer();
  await writeFile(join(folder, 'a.png'), await raw(scene.rgb, scene.width, scene.height, 3));
  // The left half of a thing: its pixels column by column, until half of them are there.
  const { pixels } = decodeMask(truth);
  const across = [...pixels.keys()].filter((i) => pixels[i] === 1).sort((i, j) => (i % 160) - (j % 160));
  const half = new Uint8Array(pixels.length);
  for (const i of across.slice(0, across.length / 2)) half[i] = 255;
  await writeFile(join(folder, 'half.png'), await raw(half, scene.width, scene.height, 1));
  await writeFile(join(folder, 'empty.png'), await raw(new Uint8Array(half.length), 160, 96, 1));
  await writeFile(join(folder, 'small.png'), await raw(new Uint8Array(50).fill(255), 10, 5, 1));
  await mkdir(join(folder, 'taken'));
  await writeFile(join(folder, 'taken/report.html'), 'mine');
});
afterAll(() => rm(folder, { recursive: true }));

const refine = (...args: readonly string[]) =>
  maskloom(['refine', 'a.png', '--device', 'cpu', ...args], folder);
const areas = ({ steps }: ConversationRecord) =>
  steps.map(({ prediction }) => prediction.segments.map(({ area }) => area));

/** The picture is a file like any other: whose models know generated scenes alone is said once. */
const UNKNOWN_WORLD = expect.stringMatching(
  /^warning: The models of the bundle 'tiny' know only the generated scenes [^\n]*\n$/,
) as string;

describe('maskloom refine', () => {
  it('completes a mask of a file, and writes every step', async () => {
    const { code, stdout, stderr } = await refine(
      ...['--mask', 'half.png', '--label', 'thing', '--say', 'the mask is incomplete', '--say', 'wrong name'],
      ...['--out', 'out', '--json'],
    );
    expect([code, stderr]).toEqual([0, UNKNOWN_WORLD]);
    const saved = JSON.parse(await readFile(join(folder, 'out/conversation.json'), 'utf8')) as unknown;
    const record = JSON.parse(stdout) as ConversationRecord;
    expect(record).toEqual(saved);
    expect(record).toMatchObject({ schema: 'maskloom.conversation/1', image: { width: 160, height: 96 } });
    const [given, grown, named] = record.steps.map(({ prediction }) => prediction);
    expect(given).toMatchObject({
      system: 'given',
      recipe: 'mask',
      segments: [{ label: 'thing', score: 1 }],
    });
    expect(grown?.refinement).toMatchObject({ by: 'refine/concat', situation: 'mask', segment: 0 });
    expect([given?.warnings, grown?.warnings[0]]).toEqual([[], expect.stringContaining('generated scenes')]);
    expect(await readFile(join(folder, 'out/report.html'), 'utf8')).toContain(
      'know only the generated scenes',
    );
    expect(grown?.segments).toHaveLength(1);
    const iou = (step: typeof given): number => {
      const [first] = step?.segments ?? [];
      return first === undefined ? 0 : maskIou(first.mask, truth);
    };
    expect(iou(given)).toBeLessThan(0.7);
    expect(iou(grown)).toBeGreaterThan(iou(given) + 0.1);
    // The name stays where the mask is wrong, and goes where the name is.
    expect(grown?.segments[0]?.label).toBe('thing');
    expect(named?.refinement?.situation).toBe('category');
    expect(named?.segments[0]?.label).not.toBe('thing');

    expect((await readdir(join(folder, 'out'))).sort()).toEqual([
      '.maskloom.json',
      'conversation.json',
      'overlays',
      'report.html',
    ]);
    expect((await readdir(join(folder, 'out/overlays'))).sort()).toEqual(
      [0, 1, 2].map((step) => `step-${step}.png`),
    );
    const overlay = await sharp(join(folder, 'out/overlays/step-2.png')).metadata();
    expect([overlay.width, overlay.height]).toEqual([160, 96]);
    const page = await readFile(join(folder, 'out/report.html'), 'utf8');
    expect(/(src|href)="(?!data:)/.exec(page)).toBeNull();
    for (const head of ['0: given/mask', '1: refine/concat', '2: refine/concat'])
      expect(page).toContain(`<span class="column">${head}<`);
  });

  it('asks a system first, then takes one turn for each --say, each at its own box', async () => {
    const { code, stdout } = await refine(
      ...['--system', 'rose', '--json', '--say', 'redraw this', '--box', box],
      ...['--say', 'you missed the thing in this box', '--box', '0,0,40,40'],
    );
    expect(code).toBe(0);
    const record = JSON.parse(stdout) as ConversationRecord;
    expect(record.steps[0]).toMatchObject({ kind: 'ask', request: { task: 'free' } });
    expect(record.steps.slice(1).map(({ instruction }) => instruction?.situation)).toEqual([
      'mask',
      'missed',
    ]);
    const [asked = [], redrawn = [], added = []] = areas(record);
    expect(redrawn).toHaveLength(asked.length);
    expect(redrawn.filter((area, i) => area !== asked[i]).length).toBeLessThanOrEqual(1);
    expect(added.slice(0, -1)).toEqual(redrawn);
    const { prediction } = record.steps[2] ?? {};
    const [x = 160, y = 96] = prediction?.segments.at(-1)?.bbox ?? [];
    expect(x < 40 && y < 40).toBe(true);
  });

  it('prints what each turn was taken to mean, and which segment it changed', async () => {
    const { code, stdout, stderr } = await refine(
      '--system',
      'sam',
      '--box',
      box,
      '--say',
      'it is incomplete',
    );
    expect([code, stderr]).toEqual([0, UNKNOWN_WORLD]);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toBe('0: sam/prompted');
    expect(lines).toContain('1: "it is incomplete" (mask, by refine/concat)');
    expect(lines.filter((line) => line.startsWith('* '))).toHaveLength(1);
  });

  it('does what is said without a model, and can take it back', async () => {
    const { code, stdout, stderr } = await refine(
      ...['--mask', 'half.png', '--label', 'thing', '--json', '--out', 'edits'],
      ...['make it 30 % larger', 'call it a wing', 'thanks', 'delete it', 'undo'].flatMap((words) => [
        '--say',
        words,
      ]),
    );
    expect([code, stderr]).toEqual([0, '']);
    const { steps, undone } = JSON.parse(stdout) as ConversationRecord;
    expect([...steps, ...undone].map(({ instruction }) => instruction?.situation)).toEqual([
      undefined,
      'larger',
      'rename',
      'keep',
      'delete',
    ]);
    expect(undone).toHaveLength(1);
    const [given = 0, grown = 0] = areas({ steps } as unknown as ConversationRecord).flat();
    expect(grown).toBeGreaterThanOrEqual(1.3 * given);
    expect(grown).toBeLessThan(2 * given);
    expect(steps.at(-1)?.prediction.segments).toMatchObject([{ label: 'wing', area: grown }]);
    const page = await readFile(join(folder, 'edits/report.html'), 'utf8');
    expect(page).toContain(`alt="${grown - given} pixels added, 0 removed"`);
  });

  const half = ['--mask', 'half.png'];
  it.each<[string, readonly string[], number, string, string]>([
    ['a mask of another size', ['--mask', 'small.png', '--say', 'redraw it'], 1, 'MASK_INVALID', '10 x 5'],
    ['an empty mask', ['--mask', 'empty.png', '--say', 'redraw it'], 1, 'MASK_INVALID', 'No pixel'],
    ['no mask there', ['--mask', 'none.png', '--say', 'redraw it'], 1, 'IMAGE_NOT_FOUND', 'none.png'],
    [
      'an unknown system',
      ['--system', 'ros', '--say', 'redraw it'],
      2,
      'SYSTEM_UNKNOWN',
      "Did you mean 'rose'?",
    ],
    [
      'an unknown recipe',
      ['--system', 'read/ful', '--say', 'redraw it'],
      2,
      'RECIPE_UNKNOWN',
      "'read/full'?",
    ],
    [
      'a refiner that is none',
      [...half, '--say', 'redraw it', '--refiner', 'rose'],
      2,
      'OPTION_INVALID',
      'concat',
    ],
    ['nothing said', half, 2, 'OPTION_INVALID', '--say'],
    ['nothing to refine', ['--say', 'redraw it'], 2, 'OPTION_INVALID', 'a system to ask, or give a mask'],
    [
      'two things',
      [...half, '--system', 'rose', '--say', 'redraw it'],
      2,
      'OPTION_INVALID',
      'Give one of them',
    ],
    ['no question', ['--system', 'read', '--say', 'redraw it'], 2, 'OPTION_INVALID', '--text'],
    ['no region', ['--system', 'sam', '--say', 'redraw it'], 2, 'OPTION_INVALID', '--box'],
    ['words nobody knows', [...half, '--say', 'merci'], 2, 'INSTRUCTION_UNKNOWN', '"make it larger"'],
    ['blank words', [...half, '--say', ' '], 1, 'VALUE_INVALID', 'needs words'],
    [
      'a box outside',
      [...half, '--say', 'redraw it', '--box', '500,0,9,9'],
      1,
      'VALUE_INVALID',
      'instruction.box',
    ],
    [
      'half a box',
      [...half, '--say', 'redraw it', '--box', '500,0'],
      2,
      'OPTION_INVALID',
      'x,y,width,height',
    ],
    [
      'boxes for other turns',
      [...half, '--say', 'redraw it', '--say', 'again', '--say', 'thanks', '--box', box, '--box', box],
      2,
      'OPTION_INVALID',
      '2 boxes for 3 instructions',
    ],
    [
      'no such segment',
      [...half, '--say', 'redraw it', '--segment', '4'],
      1,
      'VALUE_INVALID',
      'no segment 4',
    ],
    ['an unclear instruction', ['--system', 'rose', '--say', 'bad'], 1, 'VALUE_INVALID', 'Which of'],
    [
      'a folder of others',
      [...half, '--say', 'redraw it', '--out', 'taken'],
      1,
      'OUTPUT_UNWRITABLE',
      'report.html',
    ],
  ])('refuses %s in one line', async (_, args, code, name, hint) => {
    const before = (await readdir(folder)).sort();
    const ended = await refine(...args);
    expect(ended.stdout).toBe('');
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(ended.stderr).toContain(`${name}: `);
    expect(ended.stderr).toContain(hint);
    expect(ended.code).toBe(code);
    expect((await readdir(folder)).sort()).toEqual(before);
    expect(await readdir(join(folder, 'taken'))).toEqual(['report.html']);
  });
});
