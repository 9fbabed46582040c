// The structure that docs/architecture.md promises: imports point one way, and no circle of imports crosses a folder.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { Linter } from 'eslint';
import ts from 'typescript';
import tseslint from 'typescript-eslint';
import { describe, expect, it } from 'vitest';
import { importDirection } from '../../scripts/lint/import-direction.js';

const ROOT = resolve(import.meta.dirname, '../..');
const PACKAGES = join(ROOT, 'packages');

/** What the lint rule says about a line of source in a file. */
function lint(file: string, code: string): readonly string[] {
  const found = new Linter({ cwd: ROOT }).verify(
    code,
    [
      {
        files: ['**/*.ts'],
        languageOptions: { parser: tseslint.parser as never },
        plugins: { maskloom: { rules: { 'import-direction': importDirection } } },
        rules: { 'maskloom/import-direction': 'error' },
      },
    ],
    { filename: join(PACKAGES, file) },
  );
  return found.map(({ message }) => message);
}

describe('imports between packages', () => {
  it.each([
    ['core/src/a.ts', '@maskloom/runtime'],
    ['metrics/src/a.ts', '@maskloom/data'],
    ['metrics/src/a.ts', '@maskloom/synth'],
    ['data/src/a.ts', '@maskloom/metrics'],
    ['data/src/a.ts', '@maskloom/synth'],
    ['synth/src/a.ts', '@maskloom/data'],
    ['report/src/a.ts', '@maskloom/eval'],
    ['eval/src/a.ts', '@maskloom/rose'],
    ['eval/src/a.ts', 'maskloom'],
    ['plugins/read/src/a.ts', '@maskloom/rose'],
    ['plugins/llava/src/a.ts', '@maskloom/read'],
    ['runtime/src/a.ts', '@maskloom/sam'],
  ])('%s may not import %s', (file, name) => {
    expect(lint(file, `import { x } from '${name}';\nexport const y = x;\n`)).toEqual([
      expect.stringContaining(`may not import ${name}`),
    ]);
    expect(lint(file, `export const y = import('${name}');\n`)).toHaveLength(1);
  });

  it.each([
    ['metrics/src/a.ts', '@maskloom/core'],
    ['eval/src/a.ts', '@maskloom/metrics'],
    ['eval/src/a.ts', '@maskloom/report'],
    ['data/src/a.test.ts', '@maskloom/synth'],
    ['plugins/read/src/a.ts', '@maskloom/llava'],
    ['cli/src/a.ts', '@maskloom/eval'],
  ])('%s may import %s', (file, name) => {
    expect(lint(file, `import { x } from '${name}';\nexport const y = x;\n`)).toEqual([]);
  });

  it('may not climb out of a package', () => {
    expect(lint('eval/src/tables/a.ts', "export * from '../../../core/src/index.js';\n")).toHaveLength(1);
  });
});

/** The files that each source file imports by a relative path, types included. */
function graphOf(folder: string): ReadonlyMap<string, readonly string[]> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\/src\/.*\.ts$/.test(file) && !/node_modules|\.test[.-]/.test(file))
    .map((file) => join(folder, file));
  const known = new Set(files);
  return new Map(
    files.map((file) => [
      file,
      ts
        .preProcessFile(readFileSync(file, 'utf8'), true, true)
        .importedFiles.map(({ fileName }) => resolve(dirname(file), fileName.replace(/\.js$/, '.ts')))
        .filter((target) => known.has(target)),
    ]),
  );
}

/** Groups of files that import each other in a circle (Tarjan's strongly connected components). */
function circlesOf(graph: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    low.set(file, order.get(file) ?? 0);
    stack.push(file);
    for (const next of graph.get(file) ?? []) {
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file) ?? 0, low.get(next) ?? 0));
    }
    if (low.get(file) === order.get(file)) circles.push(stack.splice(stack.indexOf(file)));
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return circles.filter((circle) => circle.length > 1);
}

describe('imports within packages', () => {
  it('make no circle that crosses a folder', () => {
    const graph = graphOf(PACKAGES);
    expect(graph.size).toBeGreaterThan(500);
    const crossing = circlesOf(graph).filter(
      (circle) => new Set(circle.map((file) => dirname(file))).size > 1,
    );
    expect(crossing.map((circle) => circle.map((file) => relative(PACKAGES, file)))).toEqual([]);
  });

  it('are noticed when they do', () => {
    const graph = new Map([
      ['a/x', ['b/y']],
      ['b/y', ['c/z']],
      ['c/z', ['a/x']],
      ['d/w', ['a/x']],
    ]);
    expect(circlesOf(graph).map((circle) => [...circle].sort())).toEqual([['a/x', 'b/y', 'c/z']]);
  });

  it('keep packages small: 9,500 lines without tests at most, 8,000 in eval', () => {
    const lines = new Map<string, number>();
    for (const file of graphOf(PACKAGES).keys()) {
      const name = relative(PACKAGES, file).split('/src/')[0] ?? '';
      lines.set(name, (lines.get(name) ?? 0) + readFileSync(file, 'utf8').split('\n').length - 1);
    }
    for (const [name, count] of lines) expect(count, name).toBeLessThanOrEqual(name === 'eval' ? 8000 : 9500);
  });
});
