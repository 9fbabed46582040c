// `maskloom eval`, `report` and `diff` with the embedded bundle, as a researcher uses them.
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSynth } from '@maskloom/synth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const COMMAND = join(import.meta.dirname, '../../packages/cli/dist/main.js');
const root = mkdtempSync(join(tmpdir(), 'maskloom-evaluate-'));
const data = join(root, 'scenes');
const run = join(root, 'run');
const SYSTEMS = 'read/full,stacked-seg/single';

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in a process of its own. */
function maskloom(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, ...args], { cwd: root }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

beforeAll(() => writeSynth({ out: data, count: 4, seed: 8_200_000, width: 128, height: 128 }));
afterAll(() => rmSync(root, { recursive: true }));

describe('an evaluation', () => {
  let first = '';

  it('writes its tables in every form, with hashes, switches and the command', async () => {
    const { code, stdout, stderr } = await maskloom(
      'eval',
      '--data',
      data,
      '--system',
      SYSTEMS,
      '--out',
      run,
    );
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(readdirSync(join(run, 'tables')).sort()).toEqual(
      ['csv', 'html', 'json', 'md', 'tex', 'txt'].map((ending) => `eval-figures.${ending}`),
    );
    first = readFileSync(join(run, 'tables/eval-figures.txt'), 'utf8');
    expect(stdout.startsWith(first)).toBe(true);
    for (const part of [
      /^read\/full +\d/m,
      /emptyUnionIsOne=true/,
      /^Weights: read\/full of tiny [\d.]+ \([0-9a-f]{12}\); stacked-seg/m,
      /^Command: /m,
    ])
      expect(first).toMatch(part);
  });

  it('goes on without computing anything again, and grows by a row', async () => {
    const before = readFileSync(join(run, 'ledger.jsonl'));
    const again = await maskloom('eval', '--data', data, '--system', SYSTEMS, '--out', run);
    expect(again.code).toBe(0);
    expect(readFileSync(join(run, 'ledger.jsonl')).equals(before)).toBe(true);
    expect(readFileSync(join(run, 'tables/eval-figures.txt'), 'utf8')).toBe(first);

    await maskloom('eval', '--data', data, '--system', `${SYSTEMS},read/seg`, '--out', run);
    const after = readFileSync(join(run, 'ledger.jsonl'));
    expect(after.subarray(0, before.length).equals(before)).toBe(true);
    const lines = (bytes: Buffer): number => bytes.toString().trim().split('\n').length;
    expect(lines(after)).toBe((lines(before) / 2) * 3);
  });

  it('is the same with two workers, and a diff of the two says so', async () => {
    const other = join(root, 'other');
    await maskloom('eval', '--data', data, '--system', SYSTEMS, '--out', other, '--workers', '2');
    expect(readFileSync(join(other, 'tables/eval-figures.txt'), 'utf8')).toBe(first);
    const { code, stdout } = await maskloom('diff', other, run, '--json');
    expect(code).toBe(0);
    const { figures } = JSON.parse(stdout) as {
      readonly figures: readonly { readonly row: string; readonly difference: number | null }[];
    };
    expect(figures.filter(({ row }) => row !== 'read/seg').map(({ difference }) => difference)).toEqual(
      Array(figures.filter(({ row }) => row !== 'read/seg').length).fill(0),
    );
  });

  it('without a folder gives the same figures, printed or as a file, and keeps nothing else', async () => {
    const file = join(root, 'figures.json');
    const args = ['eval', '--data', data, '--system', SYSTEMS, '--out', file];
    const { code, stdout, stderr } = await maskloom(...args);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('figures: ');
    const lines = (text: string): readonly string[] => text.match(/^(?:read|stacked-seg)\/.*$/gm) ?? [];
    expect(lines(stdout)).toHaveLength(2);
    expect(lines(first)).toEqual(lines(stdout));
    const [table] = JSON.parse(readFileSync(file, 'utf8')) as readonly { readonly rows: object }[];
    const kept = JSON.parse(readFileSync(join(run, 'tables/eval-figures.json'), 'utf8')) as typeof table;
    expect(table?.rows).toEqual(
      (kept?.rows as readonly { readonly label: string }[]).filter(({ label }) => label !== 'read/seg'),
    );
    expect(existsSync(join(root, 'tables'))).toBe(false);
  });

  it('takes weights from the bundles in the order given, from the shipped one when none is', async () => {
    const weights = async (...bundles: readonly string[]): Promise<readonly unknown[]> => {
      const { stdout } = await maskloom(
        ...['eval', '--data', data, '--limit', '1', '--system', 'rose/patch', '--json'],
        ...bundles.flatMap((name) => ['--bundle', name]),
      );
      const [table] = JSON.parse(stdout) as readonly [
        {
          readonly rows: readonly { readonly weights: { readonly bundle: string; readonly hash: string } }[];
        },
      ];
      return table.rows.map(({ weights: { bundle, hash } }) => [bundle.split(' ')[0], hash]);
    };
    const shipped = await weights();
    const rows = await weights('ablations', 'tiny');
    expect(shipped).toEqual([['tiny', expect.stringMatching(/^[0-9a-f]{12}$/)]]);
    expect(rows).toEqual([['ablations', expect.stringMatching(/^[0-9a-f]{12}$/)]]);
    expect(rows[0]).not.toEqual(shipped[0]);
  });

  it('counts names of its own for the classes that a label mapper says, and says so', async () => {
    const args = ['eval', '--data', data, '--limit', '1', '--system', 'stacked-seg/vanilla', '--mapper'];
    const { code, stdout } = await maskloom(...args, 'rose/siglip-similarity', '--json');
    expect(code).toBe(0);
    const [{ rows }] = JSON.parse(stdout) as readonly [
      {
        readonly rows: readonly { readonly remarks: readonly string[]; readonly cells: readonly object[] }[];
      },
    ];
    expect(rows[0]?.remarks).toEqual(['names are mapped to classes by rose/siglip-similarity']);
    expect(rows[0]?.cells).toContainEqual(
      expect.objectContaining({ state: 'measured', images: 1, interval: null }),
    );
    const wrong = await maskloom(...args, 'rose/instance-assembler');
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('maps no names to labels')]);
  });

  it('saves the masks it found in the forms asked for, under the ids of the data set', async () => {
    const args = ['eval', '--data', data, '--system', SYSTEMS, '--out', run, '--save', 'coco,labelme,masks'];
    const { code, stdout } = await maskloom(...args);
    expect(code).toBe(0);
    expect(stdout).toContain(`masks: ${join(run, 'saved')}`);
    const place = join(run, 'saved/data/referring');
    expect(readdirSync(place).sort()).toEqual(['coco', 'labelme', 'masks']);
    const json = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;
    const results = json<{ image_id: number; segmentation: { size: number[]; counts: string } }[]>(
      join(place, 'coco', readdirSync(join(place, 'coco')).find((name) => name.startsWith('read')) ?? ''),
    );
    const { images } = json<{ images: { id: number; file_name: string }[] }>(join(place, 'coco/images.json'));
    const source = json<{ images: { id: number; file_name: string }[] }>(
      join(data, 'annotations/instances.json'),
    );
    expect(images.map(({ id, file_name }) => [id, file_name])).toEqual(
      source.images.map(({ id, file_name }) => [id, file_name]),
    );
    // The masks are those that the ledger keeps.
    const kept = readFileSync(join(run, 'ledger.jsonl'), 'utf8');
    expect(results.length).toBeGreaterThan(20);
    for (const { segmentation } of results.slice(0, 20))
      expect(kept).toContain(JSON.stringify(segmentation.counts));
    const alone = await maskloom('eval', '--data', data, '--save', 'coco');
    expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining('Masks are saved into a folder')]);
  });

  it('becomes pages that ask the network for nothing', async () => {
    const { code, stdout } = await maskloom('report', run, '--images', '2');
    expect(code).toBe(0);
    const index = join(run, 'report/index.html');
    expect(stdout).toContain(index);
    const page = readFileSync(index, 'utf8');
    expect(page).toContain('<svg');
    const links = [...page.matchAll(/href="([^"#]+)/g)].map((match) => match[1] as string);
    expect(links.length).toBeGreaterThan(3);
    for (const link of links) expect(existsSync(join(run, 'report', link)), link).toBe(true);
    for (const name of readdirSync(join(run, 'report')).filter((one) => one.endsWith('.html'))) {
      const text = readFileSync(join(run, 'report', name), 'utf8');
      expect(text, name).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    }
    const worst = readFileSync(join(run, 'report/data-referring-worst.html'), 'utf8');
    expect(worst.match(/data:image\//g)?.length).toBeGreaterThanOrEqual(2);
  });

  it('refuses what it cannot do, in one line that says what to do, and leaves folders alone', async () => {
    const mine = join(root, 'mine');
    mkdirSync(mine);
    writeFileSync(join(mine, 'thesis.txt'), 'everything');
    const cases: readonly (readonly [number, RegExp, readonly string[]])[] = [
      [2, /Did you mean 'read\/full'/, ['eval', '--data', data, '--system', 'read/ful', '--out', 'new']],
      [1, /DATA_NOT_FOUND/, ['eval', '--data', 'nowhere', '--out', 'new']],
      [
        2,
        /Did you mean 'coco-instances'/,
        ['eval', '--data', mine, '--format', 'coco-instance', '--out', 'new'],
      ],
      [2, /Say what form the data set has: --format/, ['eval', '--data', data, '--split', 'val']],
      [
        2,
        /Did you mean 'summedPolygons'/,
        ['eval', '--data', data, '--switches', 'summedPolygon', '--out', 'new'],
      ],
      [2, /Did you mean 'read\/table-6'/, ['ablate', 'read/tabel-6', '--out', 'new']],
      [1, /OUTPUT_UNWRITABLE/, ['eval', '--data', data, '--system', 'read/full', '--out', mine]],
      [1, /RUN_INVALID/, ['report', mine]],
      [1, /RUN_INVALID/, ['diff', run, mine]],
    ];
    for (const [wanted, message, args] of cases) {
      const { code, stdout, stderr } = await maskloom(...args);
      expect(stderr, args.join(' ')).toMatch(message);
      expect(stderr.trim().split('\n'), args.join(' ')).toHaveLength(1);
      expect([code, stdout], args.join(' ')).toEqual([wanted, '']);
    }
    expect(existsSync(join(root, 'new'))).toBe(false);
    expect(readdirSync(mine)).toEqual(['thesis.txt']);
  });
});

describe('the tables of the papers', () => {
  it('are listed, and one row by row has figures or says why not', async () => {
    const { stdout } = await maskloom('ablate', '--list');
    const listed = stdout.match(/^(?:rose|read|lmseg)\/\S+/gm) ?? [];
    expect(listed).toHaveLength(18);
    const out = join(root, 'table');
    const { code, stdout: text } = await maskloom(
      'ablate',
      'read/table-5',
      '--count',
      '2',
      '--out',
      out,
      '--json',
    );
    expect(code).toBe(0);
    const [table] = JSON.parse(text) as readonly [
      {
        readonly rows: readonly {
          readonly cells: readonly { readonly state: string; readonly measured: unknown }[];
        }[];
      },
    ];
    const cells = table.rows.flatMap(({ cells: found }) => found);
    expect(cells.some(({ state }) => state === 'measured')).toBe(true);
    for (const { state, measured } of cells) expect(typeof measured === 'number').toBe(state === 'measured');
  });
});
