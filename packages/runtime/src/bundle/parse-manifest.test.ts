import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { fixtureBundle } from '../fixture-bundle.test.helper.js';
import { parseManifest } from './parse-manifest.js';

const fixture = fixtureBundle();
afterAll(() => fixture.remove());

/** Every path to a value of a JSON tree. */
function paths(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => paths(inner, [...path, key]))];
}

it('gives a manifest or a typed error, whatever one value is replaced by', () => {
  const all = paths(fixture.manifest).filter((path) => path.length > 0);
  fc.assert(
    fc.property(fc.constantFrom(...all), fc.jsonValue(), (path, replacement) => {
      const copy = structuredClone(fixture.manifest) as Record<string, unknown>;
      const parent = path.slice(0, -1).reduce((node, key) => node[key] as Record<string, unknown>, copy);
      parent[path.at(-1) as string] = replacement;
      try {
        expect(parseManifest(JSON.stringify(copy), 'bundle.json').schema).toBe('maskloom.bundle/1');
      } catch (error) {
        expect(error).toMatchObject({
          name: 'MaskloomError',
          code: expect.stringMatching(/^BUNDLE_(INVALID|VERSION)$/),
        });
      }
    }),
    { numRuns: 300 },
  );
});

it('names every wrong field at once', () => {
  expect(() =>
    parseManifest(JSON.stringify({ ...fixture.manifest, name: undefined, version: 3 }), 'bundle.json'),
  ).toThrow(/name: .*; version: /);
});
