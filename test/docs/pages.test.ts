import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundleDirectory } from '@maskloom/bundle-tiny';
import { clipPlugin } from '@maskloom/clip';
import { createRegistry, recipeId, SLOTS } from '@maskloom/core';
import { llavaPlugin } from '@maskloom/llava';
import { lmsegPlugin } from '@maskloom/lmseg';
import { readPlugin } from '@maskloom/read';
import { refinePlugin } from '@maskloom/refine';
import { rosePlugin } from '@maskloom/rose';
import { CUDA_INSTALL_COMMAND } from '@maskloom/runtime';
import { samPlugin } from '@maskloom/sam';
import { stackedSegPlugin } from '@maskloom/stacked-seg';
import { runCommand } from 'maskloom';
import { blocksOf, pages, ROOT } from './pages.js';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

describe('links', () => {
  it.each(pages().map((page) => [page.path, page] as const))('of %s lead somewhere', (path, { text }) => {
    const prose = text.replace(/^```[\s\S]*?^```$/gm, '');
    const targets = [
      ...prose.matchAll(/\]\(([^)\s]+)\)/g),
      ...prose.matchAll(/<img[^>]* src="([^"]+)"/g),
    ].map((match) => match[1] ?? '');
    for (const target of targets) {
      if (/^https?:/.test(target)) continue;
      const [file = '', anchor] = target.split('#');
      const at = file === '' ? join(ROOT, path) : join(ROOT, dirname(path), file);
      expect(existsSync(at), `${path}: ${target}`).toBe(true);
      if (anchor !== undefined)
        expect(anchorsOf(readFileSync(at, 'utf8')), `${path}: ${target}`).toContain(anchor);
    }
  });
});

describe('the table of errors', () => {
  it('has every code, and no other', () => {
    const codes = [...read('packages/masks/src/errors/codes.ts').matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map(
      (match) => match[1],
    );
    const rows = [...read('docs/guides/errors.md').matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(
      (match) => match[1],
    );
    expect(codes.length).toBeGreaterThan(30);
    expect(rows).toEqual(codes);
  });

  it('has no code that nothing throws', () => {
    const text = sources('packages')
      .filter((path) => !path.endsWith('errors/codes.ts'))
      .map((path) => readFileSync(path, 'utf8'))
      .join('');
    const codes = [...read('docs/guides/errors.md').matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(
      ([, code]) => code,
    );
    expect(codes.filter((code) => !text.includes(`'${code}'`))).toEqual([]);
  });
});

describe('the table of signals', () => {
  it('has every signal, and no other', () => {
    const signals = [...read('packages/core/src/slots/signals.ts').matchAll(/^ {2}'?([a-z-]+)'?: /gm)].map(
      (match) => match[1],
    );
    const rows = [...read('docs/guides/write-your-own-stage.md').matchAll(/^\| `([a-z-]+)` +\|/gm)].map(
      (match) => match[1],
    );
    expect(signals.length).toBeGreaterThan(20);
    expect(rows.sort()).toEqual(signals.sort());
  });
});

describe('tables', () => {
  const registry = createRegistry();
  for (const plugin of [
    samPlugin,
    clipPlugin,
    llavaPlugin,
    stackedSegPlugin,
    readPlugin,
    rosePlugin,
    refinePlugin,
    lmsegPlugin,
  ])
    registry.register(plugin);

  it.each([
    ['docs/guides/swap-a-stage.md', /^\| `(\w+)` +\| (.*) \|$/gm],
    ['docs/architecture.md', /^\| `(\w+)` +\| [^|]* \| (`.*) \|$/gm],
  ])('of stages in %s name those that ship, each in its slot', (path, row) => {
    const rows = [...read(path).matchAll(row)];
    const written = rows.flatMap(([, slot, names = '']) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => `${slot} ${name}`),
    );
    const shipped = SLOTS.flatMap((slot) =>
      registry.stages(slot).map((stage) => `${slot.name} ${stage.stageName}`),
    );
    expect(written.sort()).toEqual(shipped.sort());
  });

  const recipes = registry.systems().flatMap(({ recipes }) => recipes.map(recipeId));
  const { recipes: trained } = JSON.parse(readFileSync(new URL('bundle.json', bundleDirectory), 'utf8')) as {
    readonly recipes: Record<string, unknown>;
  };
  it.each([
    // everything-named runs on models that the bundle lists for others.
    ['README.md', (id: string) => Object.hasOwn(trained, id) || id === 'sam/everything-named'],
    ['docs/guides/read-and-seg.md', (id: string) => /^(read\/|stacked-seg\/(single|several))/.test(id)],
  ])('of recipes in %s name all of them', (path, wanted) => {
    const named = [...read(path).matchAll(/^\| `([a-z-]+\/[a-z0-9-]+)` +\|/gm)].map(
      (match) => match[1] ?? '',
    );
    expect([...new Set(named)].filter((id) => recipes.includes(id)).sort()).toEqual(
      recipes.filter(wanted).sort(),
    );
  });

  it('of options of Similarity as Points has every option', () => {
    const page = read('docs/guides/read-and-seg.md');
    const { schema } = registry.stage('read/similarity-as-points');
    const names = Object.keys((schema as unknown as { readonly shape: object }).shape);
    for (const name of names) expect(page).toMatch(new RegExp(`^\\| .*\`${name}\`.*\\|`, 'm'));
  });

  it.each([
    'rose/patch-analyzer',
    'rose/instance-assembler',
    'rose/semantic-assembler',
    'rose/panoptic-assembler',
    'rose/decode-embedding',
    'rose/along-region',
    'rose/similarity-over-candidates',
    'rose/siglip-similarity',
    'rose/exact-or-synonym',
  ])('of options of ROSE has every option of %s', (stage) => {
    const page = read('docs/guides/rose.md');
    const { schema } = registry.stage(stage);
    expect(page).toContain(`\`${stage}\``);
    for (const name of Object.keys((schema as unknown as { readonly shape: object }).shape))
      expect(page).toMatch(new RegExp(`^\\| .*\`${name}\`.*\\|`, 'm'));
  });
});

describe('commands', () => {
  it('the one that adds CUDA is what the code says', () => {
    expect(read('docs/guides/devices.md')).toContain(
      `<!-- cuda-command -->\n\n\`\`\`sh\n${CUDA_INSTALL_COMMAND}\n`,
    );
  });

  it('npm scripts that pages name exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Record<string, string> };
    const named = pages().flatMap(({ text }) =>
      [...text.matchAll(/npm run ([a-z:]+)/g)].map((match) => match[1] ?? ''),
    );
    for (const name of named) expect(scripts, `npm run ${name}`).toHaveProperty([name]);
  });

  it('of maskloom name subcommands and options that exist', async () => {
    const blocks = pages()
      .flatMap(blocksOf)
      .filter((block) => block.language === 'sh')
      .flatMap(({ code }) => code.replace(/\\\n/g, '').split('\n'))
      .map((line) => /(?:^|npx )maskloom ([^#]*)/.exec(line)?.[1]);
    const prose = pages().flatMap(({ text }) =>
      [...text.matchAll(/`(?:npx )?maskloom ([a-z]+ [^`|]*)`/g)].map((match) => match[1]),
    );
    const lines = [...blocks, ...prose].filter((line) => line !== undefined);
    expect(lines.length).toBeGreaterThan(50);
    const help = new Map<string, Promise<string>>();
    for (const line of lines) {
      const words = line.split(/\s+/);
      const nested = ['bundles', 'data', 'hub', 'queue'].includes(words[0] ?? '');
      const command = words.slice(0, nested ? 2 : 1);
      const key = command.join(' ');
      if (!help.has(key)) help.set(key, helpOf(command));
      const text = await help.get(key);
      expect(text, line).toContain(`maskloom ${key}`);
      for (const option of line.match(/--[a-z][a-z-]*/g) ?? [])
        expect(text, line).toMatch(new RegExp(`${option}[ ,\\n]`));
    }
  });
});

/** The sources under a folder of the repository, without tests and what is built. */
function sources(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return ['dist', 'node_modules', 'public'].includes(entry.name) ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) && !entry.name.includes('.test.') ? [join(ROOT, path)] : [];
  });
}

async function helpOf(command: readonly string[]): Promise<string> {
  let text = '';
  const take = (piece: string): void => void (text += piece);
  const terminal = {
    out: take,
    note: take,
    warn: take,
    progress: () => undefined,
    signal: new AbortController().signal,
  };
  await runCommand([...command, '--help'], terminal);
  return text;
}

/** Anchors of a page's headings, as they are made on the usual hosts. */
function anchorsOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
