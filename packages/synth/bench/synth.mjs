// Scenes of the synthetic world per second of one core: drawing, phrases and writing every file.
//   node packages/synth/bench/synth.mjs [--count 400] [--size 128] [--out FOLDER]
// Both figures count: wall clock is what a user waits for, processor time what the machine spends when it is shared.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeSynth } from '@maskloom/synth';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '400' },
    size: { type: 'string', default: '128' },
    out: { type: 'string', default: tmpdir() },
  },
});
const count = Number(values.count);
const size = Number(values.size);
const folder = mkdtempSync(join(values.out, 'maskloom-bench-'));
try {
  const write = (name, scenes) =>
    writeSynth({ out: join(folder, name), count: scenes, seed: 6_000_000, width: size, height: size });
  await write('warm-up', 60);
  const before = process.cpuUsage();
  const start = performance.now();
  await write('measured', count);
  const wall = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  const processor = (user + system) / 1e6;
  const result = {
    scenes: count,
    size,
    perSecond: Math.round(count / wall),
    perProcessorSecond: Math.round(count / processor),
    target: 200,
  };
  console.log(JSON.stringify(result));
} finally {
  rmSync(folder, { recursive: true });
}
