import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Names of modules in import and export statements, `import()` and `require()`. */
const SPECIFIER = /\b(?:from|import|require)[\s(]*['"](\.{1,2}\/[^'"\n]+)['"]/g;

/**
 * SHA-256 over a module's source and everything it imports by relative paths: results that its code made are not taken for
 * those of another version. Packages that it imports are not looked into.
 * @param url - `file:` URL of the module
 */
export function moduleHash(url: string): string {
  const seen = new Map<string, string>();
  const queue = [fileURLToPath(url)];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (seen.has(path)) continue;
    const text = readFileSync(path, 'utf8');
    seen.set(path, createHash('sha256').update(text).digest('hex'));
    for (const [, specifier = ''] of text.matchAll(SPECIFIER)) {
      const found = sourceOf(resolve(dirname(path), specifier));
      if (found !== undefined) queue.push(found);
    }
  }
  // The order of discovery is the same whenever the sources are; paths are left out, so that a moved project keeps its results.
  return createHash('sha256')
    .update([...seen.values()].join('\n'))
    .digest('hex');
}

/** The file that a relative specifier stands for: itself, its TypeScript source, or with an ending added. */
function sourceOf(path: string): string | undefined {
  const bare = path.replace(/\.([mc]?)js$/, '.$1ts');
  const candidates = [path, bare, `${path}.ts`, `${path}.js`, `${path}/index.ts`, `${path}/index.js`];
  return candidates.find((one) => existsSync(one) && statSync(one).isFile());
}
