import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

/** Packages that a compiled module loads, with those that its own modules load. */
function loaded(module: URL, seen = new Set<string>()): Set<string> {
  const path = fileURLToPath(module);
  if (seen.has(path) || !existsSync(path)) return new Set();
  seen.add(path);
  const names = [...readFileSync(path, 'utf8').matchAll(/^(?:import|export) .*?from '([^']+)'/gm)].map(
    ([, name]) => name ?? '',
  );
  return new Set(
    names.flatMap((name) => (name.startsWith('.') ? [...loaded(new URL(name, module), seen)] : [name])),
  );
}

it('a worker thread loads of core only what it needs: the whole takes a third of a second a thread', () => {
  const packages = loaded(new URL('../../dist/engine/worker.js', import.meta.url));
  expect([...packages].filter((name) => name.startsWith('@maskloom/'))).toEqual(['@maskloom/core/worker']);
});
