import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

/** The repository's root folder. */
export const ROOT = resolve(import.meta.dirname, '../..');

/** A page of the documentation. */
export interface Page {
  /** Relative to the root. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  /** Line of the opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
  /** Code of a `<!-- given ... -->` comment right before the block: what the reader has at that point. */
  readonly given: string;
  /** The file that the block repeats, from a `<!-- file: PATH -->` comment right before it. */
  readonly file: string | undefined;
}

/** Every page that is written by hand. */
export function pages(): readonly Page[] {
  const guides = readdirSync(join(ROOT, 'docs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith(join('docs', 'site')));
  const readmes = ['packages', join('packages', 'plugins')].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .map((name) => join(folder, name, 'README.md'))
      .filter((path) => existsSync(join(ROOT, path))),
  );
  const own = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', join('training', 'README.md')];
  const paths = [...own, ...readmes, ...guides];
  return paths.map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));
}

const FENCE =
  /(?:<!-- given\n(?<given>[\s\S]*?)-->\s*\n)?(?:<!-- file: (?<file>\S+) -->\s*\n)?^```(?<language>\w+)\n(?<code>[\s\S]*?)^```$/gm;

/** The fenced blocks of a page that name a language. */
export function blocksOf({ path, text }: Page): readonly Block[] {
  return [...text.matchAll(FENCE)].map((match) => {
    const { given = '', file, language = '', code = '' } = match.groups ?? {};
    const line = text.slice(0, match.index + match[0].indexOf('```')).split('\n').length;
    return { page: path, line, language, code, given, file };
  });
}
