import { parseArgs } from 'node:util';
import { writeSynth } from './write-synth.js';

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    count: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    size: { type: 'string', default: '128' },
  },
});
const [width = NaN, height = width] = values.size.split('x').map(Number);
const started = performance.now();
await writeSynth({
  out: values.out ?? 'synth',
  count: Number(values.count),
  seed: Number(values.seed),
  width,
  height,
  onProgress: (done, count) => {
    if (done % 1600 === 0 || done === count) {
      const seconds = (performance.now() - started) / 1000;
      process.stderr.write(`${done}/${count} scenes, ${(done / seconds).toFixed(0)} per second\n`);
    }
  },
});
