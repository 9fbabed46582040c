import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type PredictionOutcome,
  encodeMask,
  type ImageFrame,
  type Prediction,
  type Segment,
} from '@maskloom/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { meanAgreement } from './agreement.js';
import { inlineAssets, joinModules } from './inline.js';
import type { ReportHead } from './model.js';
import { cumulativeIou } from './totals.js';
import { openReport } from './write-report.js';

const HOSTILE = '</script><script>alert(1)</script>"\'><img src=http://x.invalid onerror=alert(1)>';
const image: ImageFrame = { width: 8, height: 4, rgb: new Uint8Array(96).fill(90), sha256: '00' };
const head: ReportHead = {
  title: HOSTILE,
  columns: [{ id: 'read/full', summary: HOSTILE }, { id: 'read/seg' }],
  facts: [['device', 'cpu']],
  truth: true,
};

function segment(from: number, to: number): Segment {
  const pixels = Uint8Array.from({ length: 32 }, (_, i) => Number(i % 8 >= from && i % 8 < to));
  return {
    label: HOSTILE,
    score: 0.5,
    bbox: [from, 0, to - from, 4],
    area: 4 * (to - from),
    mask: encodeMask(pixels, 8, 4),
  };
}

function prediction(segments: readonly Segment[]): Prediction {
  return {
    system: 'read',
    recipe: 'full',
    request: { task: 'referring', text: HOSTILE },
    answer: HOSTILE,
    segments,
    stages: [{ slot: 'MaskDecoder', stage: HOSTILE, ms: 3, device: 'cpu' }],
    warnings: [HOSTILE],
  };
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maskloom-report-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('openReport', () => {
  it('writes one page that keeps hostile text inert and allows no request', async () => {
    const path = join(folder, 'report.html');
    const report = await openReport(path, head);
    await report.addRow({
      image,
      name: HOSTILE,
      request: { task: 'referring', text: HOSTILE },
      cells: [
        { column: 'read/full', prediction: prediction([segment(0, 4)]) },
        { column: 'read/seg', error: { code: 'STAGE_FAILED', message: HOSTILE } },
      ],
      truth: { segments: [segment(2, 6)] },
    });
    await report.finish();
    expect(await readdir(folder)).toEqual(['report.html']);

    const page = await readFile(path, 'utf8');
    expect(page).not.toContain('<img src=http');
    expect(page).not.toContain('<script>alert');
    expect(page.match(/<script>/g)).toHaveLength(1);
    // Nothing is fetched: every source is embedded, and the policy refuses the rest.
    expect([...page.matchAll(/\s(?:src|href)="([^"]*)"/g)].map((m) => m[1]?.slice(0, 11))).toEqual([
      'data:image/',
    ]);
    const policy =
      /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'") ?? '';
    expect(policy).toContain("default-src 'none'");
    for (const [, kind, body] of page.matchAll(/<(style|script)>([\s\S]*?)<\/\1>/g)) {
      expect(policy).toContain(
        `${kind}-src 'sha256-${createHash('sha256')
          .update(body ?? '')
          .digest('base64')}'`,
      );
    }
  });

  it('keeps pictures, lists and masks as text until they are needed, and what the filter asks for beside them', async () => {
    const path = join(folder, 'report.html');
    const report = await openReport(path, head);
    await report.addRow({
      image,
      name: 'a.png',
      request: { task: 'free' },
      cells: [
        { column: 'read/full', prediction: prediction([segment(0, 4), { ...segment(1, 4), score: 0.75 }]) },
        { column: 'read/seg', prediction: prediction([{ ...segment(2, 4), label: 'star', score: 0.25 }]) },
      ],
      truth: { segments: [{ ...segment(2, 6), label: 'of the truth' }] },
    });
    await report.finish();
    const page = await readFile(path, 'utf8');
    const body = /<tbody>([\s\S]*)<\/tbody>/.exec(page)?.[1] ?? '';
    expect(body.match(/<(?:img|canvas|button)/g)?.length).toBeGreaterThan(8);
    const first = body.replace(/<noscript>[\s\S]*?<\/noscript>/g, '');
    expect(first).not.toMatch(/<(?:img|canvas|button|details)/);
    expect(first).toContain('<span class="name">a.png</span>');
    const found = (/data-found="([^"]*)"/.exec(first)?.[1] ?? '').replaceAll('&quot;', '"');
    expect(found).toContain('["star",0.25]');
    // Of a label its best score; the truth is not filtered.
    expect(found).toMatch(/,0\.75\]/);
    expect(found).not.toMatch(/,0\.5\]|of the truth/);
  });

  it('counts agreement with the truth, refusals, empty masks and failures', async () => {
    const report = await openReport(join(folder, 'r.html'), head);
    const row = (segments: readonly Segment[], truth: readonly Segment[], outcome?: PredictionOutcome) =>
      report.addRow({
        image,
        name: 'a',
        request: { task: 'referring' },
        cells: [{ column: 'read/full', prediction: { ...prediction(segments), outcome } }],
        truth: { segments: truth },
      });
    await row([segment(0, 4)], [segment(2, 6)]);
    await row([segment(0, 2)], [segment(0, 2)]);
    await row([], [], 'refused');
    await row([], [], 'empty');
    await row([segment(0, 1)], []);
    await report.discard();
    const totals = report.totals.get('read/full');
    expect(totals).toMatchObject({
      images: 5,
      refusals: 1,
      empties: 1,
      falsePremises: 3,
      refusedRightly: 2,
      scored: 2,
      ms: 15,
    });
    // (2 + 2 columns shared) / (6 + 2 columns in either)
    expect(totals && cumulativeIou(totals)).toBeCloseTo(0.5, 12);
  });

  it('leaves nothing behind when given up', async () => {
    const report = await openReport(join(folder, 'report.html'), head);
    await report.discard();
    await report.discard();
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('meanAgreement', () => {
  it('is the mean overlap between every two columns', () => {
    expect(meanAgreement([[segment(0, 4)], [segment(0, 4)]], image)).toBe(1);
    expect(meanAgreement([[], []], image)).toBe(1);
    // Pairs: 1/3 (0-4 with 2-6), 0 and 0 (either with nothing).
    expect(meanAgreement([[segment(0, 4)], [segment(2, 6)], []], image)).toBeCloseTo(1 / 9, 12);
    expect(meanAgreement([[segment(0, 4)]], image)).toBeUndefined();
  });
});

describe('inlineAssets', () => {
  it('joins the modules into a script that parses, without imports or exports', async () => {
    const { script } = await inlineAssets(3);
    expect(() => new Function(script.text)).not.toThrow();
    expect(script.text).not.toMatch(/^[ \t]*(import|export)\s/m);
  });

  it('takes exports away however they are written', () => {
    const written = [
      'export function a() {}',
      'function b() {}\nexport { b };\n//# sourceMappingURL=b.js.map',
      'export {};',
    ];
    const script = joinModules([...written, 'export function start() {\n  a();\n  b();\n}']);
    expect(script).not.toContain('export');
    expect(() => new Function(script)()).not.toThrow();
  });

  it('defines every name that one of its modules imports', async () => {
    const { script } = await inlineAssets(3);
    const defined = new Set(
      [...script.text.matchAll(/^(?:async )?(?:function|const|class) (\w+)/gm)].map((m) => m[1]),
    );
    const imported = new Map<string, string>();
    const look = async (file: string): Promise<void> => {
      const text = await readFile(new URL(`../dist/client/${file}`, import.meta.url), 'utf8');
      for (const [, names = '', from = ''] of text.matchAll(/^import \{([^}]*)\} from '([^']+)'/gm)) {
        for (const name of names.split(',')) imported.set(name.trim(), file);
        if (from.startsWith('./')) await look(from);
      }
    };
    await look('main.js');
    expect(imported.size).toBeGreaterThan(30);
    expect([...imported].filter(([name]) => !defined.has(name))).toEqual([]);
  });

  it('defines every name once', async () => {
    const { script } = await inlineAssets(3);
    const names = [...script.text.matchAll(/^(?:async )?(?:function|const|class) (\w+)/gm)].map((m) => m[1]);
    expect(names.length).toBeGreaterThan(20);
    expect(new Set(names).size).toBe(names.length);
  });
});
