import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { blocksOf, pages, ROOT, type Block } from './pages.js';

const all = pages().flatMap(blocksOf);
const typescript = all.filter((block) => block.language === 'ts');

describe('TypeScript blocks', () => {
  it('are there to be checked', () => {
    expect(typescript.length).toBeGreaterThan(12);
    expect(typescript.filter((block) => block.file !== undefined).length).toBeGreaterThan(0);
  });

  it('compile, each by itself', () => {
    // Those that repeat a file are compiled as that file, beside what it imports.
    expect(diagnose(typescript.filter(({ file }) => file === undefined))).toEqual([]);
  });

  it('that repeat a file are that file', () => {
    for (const { page, line, code, file } of typescript) {
      if (file === undefined) continue;
      expect(code, `${page}:${line} is not ${file}; run node scripts/docs-figures.mjs`).toBe(
        readFileSync(join(ROOT, file), 'utf8'),
      );
    }
  });

  it('notices what does not compile', () => {
    const wrong = {
      ...typescript[0],
      page: 'nowhere',
      code: 'export const n: number = "one";\n',
      given: '',
    } as Block;
    expect(diagnose([wrong])).toEqual([
      expect.stringContaining("Type 'string' is not assignable to type 'number'"),
    ]);
  });
});

/** Compiles every block as a module at the repository's root and says what is wrong, as `page:line message`. */
function diagnose(blocks: readonly Block[]): readonly string[] {
  const base = ts.readConfigFile(join(ROOT, 'tsconfig.base.json'), ts.sys.readFile).config.compilerOptions;
  const { options } = ts.convertCompilerOptionsFromJson(
    {
      ...base,
      composite: false,
      incremental: false,
      declaration: false,
      declarationMap: false,
      noEmit: true,
    },
    ROOT,
  );
  const sources = new Map(blocks.map((block, i) => [join(ROOT, `docs-block-${i}.ts`), block]));
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  const text = (block: Block): string => `${block.given}${block.code}\nexport {};\n`;
  host.getSourceFile = (name, version, ...rest) => {
    const block = sources.get(name);
    return block === undefined
      ? getSourceFile(name, version, ...rest)
      : ts.createSourceFile(name, text(block), version);
  };
  host.fileExists = (name) => sources.has(name) || fileExists(name);
  host.readFile = (name) => {
    const block = sources.get(name);
    return block === undefined ? readFile(name) : text(block);
  };
  const program = ts.createProgram([...sources.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const block = file === undefined ? undefined : sources.get(file.fileName);
    const message = ts.flattenDiagnosticMessageText(messageText, ' ');
    if (file === undefined || block === undefined) return `${file?.fileName ?? ''} ${message}`;
    const within = file.getLineAndCharacterOfPosition(start).line + 1 - block.given.split('\n').length + 1;
    return `${block.page}:${block.line + within} ${message}`;
  });
}
