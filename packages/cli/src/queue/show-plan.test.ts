import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { showPlan } from './show-plan.js';

it('predicts from a table of times, and says where it stops', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'maskloom-plan-'));
  try {
    const times = join(folder, 'times.json');
    writeFileSync(times, JSON.stringify(Array.from({ length: 8 }, () => ({ seconds: 10, units: 5 }))));
    const assume = ['start=0', 'group=0', 'coordinator=0', 'price=36'];
    const lines = (await showPlan({ times, workers: [1, 16], assume })).split('\n');
    expect(lines[0]).toMatch(/^40 units on 8 pictures, as given/);
    expect(lines.find((line) => line.startsWith('8 '))).toMatch(/10\.0 s +100 % .* 0\.80 +workers/);
    expect(lines.find((line) => line.startsWith('16 '))).toMatch(/10\.0 s +50 % .*stragglers/);
    expect(lines.at(-2)).toMatch(/^Stops scaling at 8 workers/);
    await expect(showPlan({ times, workers: [1, 1], assume: ['prise=1'] })).rejects.toThrow(/price/);
    await expect(showPlan({ times: folder, workers: [1, 1], assume: [] })).rejects.toThrow(/cannot be read/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
