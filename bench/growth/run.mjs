// `node run.mjs AXIS SIZE FOLDER`: one size of one axis in a process of its own. Prints processor time of all its threads in
// milliseconds and its highest resident memory in bytes, its start included.
import { peakBytes } from '../lib/peak.mjs';

const [axis, size, folder] = process.argv.slice(2);
const [file, variant] = axis.split(' ');
const { run } = await import(`./${file}.mjs`);
// What other processes did for it, where it says so.
const others = (await run(Number(size), folder, variant)) ?? { cpu: 0, peak: 0 };
const { user, system } = process.cpuUsage();
console.log(
  JSON.stringify({
    cpu: (user + system) / 1000 + others.cpu,
    peak: peakBytes() + others.peak,
  }),
);
// Models and decoders are of no use any more.
process.exit(0);
