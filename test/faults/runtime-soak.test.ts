import { folderBundle, onnx } from '@maskloom/runtime';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fixtureBundle } from '../../packages/runtime/src/fixture-bundle.test.helper.js';
import type { FixtureBundle } from '../../packages/runtime/src/fixture-bundle.test.helper.js';

let fixture: FixtureBundle;
beforeAll(() => {
  fixture = fixtureBundle();
});
afterAll(() => fixture.remove());

/** One life: source, worker, sessions, a run whose outputs are never released by hand, disposal. */
async function live(): Promise<number> {
  const source = onnx({ bundle: folderBundle(fixture.directory), device: 'cpu', threads: 1 });
  const host = await source.open('test/one');
  const session = await host.model('adder');
  const values = { dtype: 'float32', dims: [5000, 2], data: new Float32Array(10_000) } as const;
  const { sum } = await session.run({ x: values, y: values }, { scope: host.scope() });
  await sum?.read();
  await source.dispose();
  return source.liveTensors;
}

it('200 lives leave no tensor and flat memory', { timeout: 300_000 }, async () => {
  for (let i = 0; i < 40; i++) expect(await live()).toBe(0);
  const before = process.memoryUsage.rss();
  for (let i = 0; i < 160; i++) expect(await live()).toBe(0);
  const growth = process.memoryUsage.rss() / before - 1;
  expect(growth).toBeLessThan(0.1);
});
