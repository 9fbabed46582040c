import { expect, it } from 'vitest';
import { bundleMemory, describeMemory } from './bundle-memory.js';

const signal = new AbortController().signal;

it('shows what every model and recipe of a bundle needs, and what fits', async () => {
  const plan = await bundleMemory('tiny', signal);
  const text = describeMemory(plan, 'cpu');
  expect(text).toMatch(
    /^tiny 0\.1\.0: expected memory on the CPU; [\d.]+ [GM]B are free\. --device auto takes cpu here/,
  );
  expect(text).toMatch(/sam-encoder +float16 +2\.5 MB .*yes/);
  expect(text).toMatch(/read-full\/language-model .* 256 +yes/);
  expect(text).toMatch(/read\/full +[\d.]+ MB +[\d.]+ MB +yes/);
  const poor = { ...plan, models: plan.models.map((model) => ({ ...model, fits: false })) };
  expect(describeMemory(poor, 'cpu')).toMatch(/NO\n[^]*MEMORY_FULL.*q4/);
});

it('names the nearest bundle', async () => {
  await expect(bundleMemory('tny', signal)).rejects.toMatchObject({ code: 'BUNDLE_NOT_FOUND' });
});
