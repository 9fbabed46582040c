import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import { rolldown } from 'rolldown';
import { ROOT } from './workspaces.mjs';

/** Where a compiled module finds another file by its own place. */
const BESIDE = /new URL\((['"`])(\.[^'"`]+)\1,\s*import\.meta\.url\)/g;

/**
 * The one dependency that is joined too, into `@maskloom/core`, where the other packages find it: 94 files, of which 64 are messages
 * in other languages, would be a third of what a first mask waits for.
 */
const SCHEMAS = 'zod';
const INSTALLED = join(ROOT, 'node_modules', SCHEMAS);
const CORE = '@maskloom/core';

/**
 * Joins a package's compiled files, in place, into one per entry and one per part that entries share: to Node, each file of a
 * program costs the time in which it compiles a hundred kilobytes. Types stay as they are.
 * @param {string} folder a staged copy of a package, with its `package.json`
 */
export async function joinFiles(folder) {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const dist = join(folder, 'dist');
  const compiled = (await readdir(dist, { recursive: true })).filter((path) => path.endsWith('.js'));
  const entries = new Set(Object.values(manifest.exports ?? {}).flatMap((target) => entryOf(target)));
  for (const path of compiled) {
    const text = await readFile(join(dist, path), 'utf8');
    for (const [, , target] of text.matchAll(BESIDE)) {
      const named = join(dirname(path), target);
      if (compiled.includes(named)) entries.add(named);
    }
  }
  const input = Object.fromEntries([...entries].map((path) => [path.slice(0, -3), join(dist, path)]));
  const schemas = `${CORE}/${SCHEMAS}`;
  if (manifest.name === CORE) await bringSchemas(folder, manifest, input);
  const bundle = await rolldown({
    input,
    external: (id) => !id.startsWith('.') && !isAbsolute(id) && id !== SCHEMAS,
    platform: 'node',
    plugins: [
      {
        name: 'compiled',
        resolveId: {
          order: 'pre',
          handler(id, importer) {
            if (id !== SCHEMAS) return undefined;
            if (importer === undefined) return join(INSTALLED, 'index.js');
            return { id: schemas, external: true };
          },
        },
        load: (id) => load(id, dist),
      },
    ],
  });
  const { output } = await bundle.generate({
    format: 'esm',
    sourcemap: true,
    dir: dist,
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
  });
  await bundle.close();
  for (const path of compiled) {
    await rm(join(dist, path));
    await rm(join(dist, `${path}.map`), { force: true });
  }
  // Its sources are not in the package.
  const unmapped = `${SCHEMAS}.js.map`;
  for (const file of output) {
    if (file.fileName === unmapped) continue;
    const path = join(dist, file.fileName);
    await mkdir(dirname(path), { recursive: true });
    const text = file.type === 'chunk' ? file.code : file.source;
    await writeFile(path, text.replace(`\n//# sourceMappingURL=${unmapped}`, ''));
  }
  await checkNeighbours(output, dist);
}

/** Makes the dependency an entry of the package, with its types and its licence. */
async function bringSchemas(folder, manifest, input) {
  input[SCHEMAS] = SCHEMAS;
  const types = `./dist/${SCHEMAS}.d.ts`;
  manifest.exports[`./${SCHEMAS}`] = { types, default: `./dist/${SCHEMAS}.js` };
  await writeFile(
    join(folder, types),
    `export * from '${SCHEMAS}';\nexport { default } from '${SCHEMAS}';\n`,
  );
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  await cp(join(INSTALLED, 'LICENSE'), join(folder, `dist/LICENSE-${SCHEMAS}.txt`));
}

function entryOf(target) {
  const path = typeof target === 'string' ? target : target.default;
  return path.startsWith('./dist/') && path.endsWith('.js') ? [path.slice('./dist/'.length)] : [];
}

/**
 * A compiled module with the map to its source, so that traces of joined files name the source. Joined files lie in `dist`
 * itself: from there it finds its neighbours.
 */
async function load(id, dist) {
  const map = await readFile(`${id}.map`, 'utf8').catch(() => undefined);
  if (map === undefined) return undefined;
  const text = await readFile(id, 'utf8');
  const place = relative(dist, dirname(id));
  const code = text.replace(
    BESIDE,
    (_, quote, target) => `new URL(${quote}./${join(place, target)}${quote}, import.meta.url)`,
  );
  return { code, map: JSON.parse(map) };
}

/** @throws Error when a file that is found by a module's place is not where the joined module looks for it */
async function checkNeighbours(output, dist) {
  for (const { fileName, code = '' } of output) {
    for (const [, , target] of code.matchAll(BESIDE)) {
      const path = join(dist, dirname(fileName), target);
      if (target.includes('${') || existsSync(path)) continue;
      throw new Error(`${fileName} looks for ${path}, which is not there`);
    }
  }
}
