// What the gate of CI says of costs, and that its record holds rows that the benchmarks have.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { judge, lower, NOISE, record, type Recorded } from '../../scripts/lib/gate.mjs';

const GATE = new URL('../../bench/gate.json', import.meta.url);
const rows: Recorded[] = [
  { benchmark: 'masks', key: 'masks/encode', cost: 0.5, spread: 0.02 },
  { benchmark: 'masks', key: 'masks/merge', cost: 2, spread: 0.05 },
];
const statesOf = (found: Parameters<typeof judge>[1]) => judge(rows, found).map(({ state }) => state);

describe('the gate', () => {
  it('fails a cost that is 26 % above the record, and lets 24 % and anything cheaper pass', () => {
    const encode = (cost: number) => [
      { key: 'masks/encode', cost },
      { key: 'masks/merge', cost: 2 },
    ];
    expect(statesOf({ masks: encode(0.5 * 1.26) })).toEqual(['dearer', 'fine']);
    expect(statesOf({ masks: encode(0.5 * 1.24) })).toEqual(['fine', 'fine']);
    expect(statesOf({ masks: encode(0.1) })).toEqual(['fine', 'fine']);
  });

  it('skips what a missing peer leaves out and names a row that its benchmark no longer has', () => {
    expect(statesOf({ masks: [] })).toEqual(['skipped', 'skipped']);
    expect(statesOf({ masks: [{ key: 'masks/encode' }] })).toEqual(['skipped', 'gone']);
  });

  it('takes the lower cost of two measurements', () => {
    const first = [
      { key: 'masks/encode', cost: 0.7 },
      { key: 'masks/merge', cost: 2 },
    ];
    const again = [{ key: 'masks/encode', cost: 0.5 }, { key: 'masks/merge', cost: 2.9 }, {}];
    expect(lower(first, again)).toEqual([again[0], { key: 'masks/merge', cost: 2 }, {}]);
    expect(statesOf({ masks: lower(first, again) })).toEqual(['fine', 'fine']);
  });

  it('keeps rows on record that vary little, and names the others', () => {
    const run = (steady: number, loose: number) => ({
      masks: [{ key: 'masks/encode', cost: steady }, { key: 'masks/merge', cost: loose }, {}],
    });
    expect(record([run(0.5, 2), run(0.49, 2.4), run(0.51, 1.9)])).toEqual({
      rows: [{ benchmark: 'masks', key: 'masks/encode', cost: 0.5, spread: 0.02 }],
      noisy: [{ benchmark: 'masks', key: 'masks/merge', cost: 2, spread: 0.2 }],
    });
  });

  it('has a record of rows that were steady', () => {
    const kept = (JSON.parse(readFileSync(GATE, 'utf8')) as { rows: Recorded[] }).rows;
    expect(kept.length).toBeGreaterThanOrEqual(6);
    for (const { key, cost, spread } of kept) {
      expect(cost, key).toBeGreaterThan(0);
      expect(spread, key).toBeLessThanOrEqual(NOISE);
    }
  });
});
