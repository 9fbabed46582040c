// Where the processor's time goes, by package and by function, for the main thread, the threads of the models and forked processes:
// `npm run profile -- IMAGE [--system NAME] [--text TEXT | --labels A,B] [--times N]` for a recipe, warm, or
// `npm run profile -- [--top N] [--out FOLDER] -- SCRIPT ARGUMENTS...` for the whole life of any Node program.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { run } from './lib/run.mjs';
import { selfTime } from './profile/self-time.mjs';
import { root, setUp } from './setup.mjs';

const RECIPE = fileURLToPath(new URL('profile/recipe.mjs', import.meta.url));
const THREADS = new URL('profile/threads.mjs', import.meta.url).href;
const USAGE = `Usage: npm run profile -- IMAGE [--system NAME] [--text TEXT | --labels A,B] [--times N] [--top N] [--out FOLDER]
       npm run profile -- [--top N] [--out FOLDER] -- SCRIPT ARGUMENTS...`;

const end = process.argv.indexOf('--');
const own = process.argv.slice(2, end === -1 ? undefined : end);
const { values, positionals } = parseArgs({
  args: own,
  allowPositionals: true,
  options: {
    system: { type: 'string', default: 'read/full' },
    text: { type: 'string', default: 'the red striped star' },
    labels: { type: 'string' },
    times: { type: 'string', default: '20' },
    top: { type: 'string', default: '12' },
    out: { type: 'string', default: `${root}out/profile` },
  },
});
if (
  positionals.length !== (end === -1 ? 1 : 0) ||
  !(Number(values.times) >= 1) ||
  !(Number(values.top) >= 1)
) {
  console.error(USAGE);
  process.exit(2);
}

await setUp();
const out = resolve(values.out);
mkdirSync(out, { recursive: true });
for (const file of readdirSync(out))
  if (file.endsWith('.cpuprofile') || file === 'window.json') rmSync(join(out, file));
const request = values.labels === undefined ? { text: values.text } : { labels: values.labels.split(',') };
const command =
  end === -1
    ? [RECIPE, out, values.times, resolve(positionals[0]), values.system, JSON.stringify(request)]
    : process.argv.slice(end + 1);
// Forked processes and plain threads take these options over from the one that starts them.
const options = ['--import', THREADS, '--cpu-prof', `--cpu-prof-dir=${out}`];
const code = await run(process.execPath, [...options, ...command]);
if (code !== 0) console.error(`The program ended with code ${code}.`);
process.exitCode = code;

const window = existsSync(join(out, 'window.json'))
  ? JSON.parse(readFileSync(join(out, 'window.json'), 'utf8'))
  : undefined;
if (window !== undefined)
  console.log(
    `${values.times} times ${values.system}, ${((window.until - window.from) / 1000).toFixed(0)} ms.`,
  );
// CPU.DATE.TIME.PROCESS.THREAD.NUMBER.cpuprofile; the program's own process ends last and began first.
const threads = readdirSync(out)
  .filter((file) => file.endsWith('.cpuprofile'))
  .map((file) => ({ file, process: file.split('.')[3], thread: Number(file.split('.')[4]) }))
  .map((one) => ({ ...one, profile: JSON.parse(readFileSync(join(out, one.file), 'utf8')) }))
  .sort((a, b) => a.profile.startTime - b.profile.startTime);
const first = threads[0]?.process;
for (const { file, process: id, thread, profile } of threads) {
  const spent = selfTime(profile, window);
  if (spent.busy < 1) continue;
  const name = thread === 0 ? 'main thread' : `thread ${thread}`;
  console.log(`\n${id === first ? name : `process ${id}, ${name}`} (${file})`);
  print(spent, Number(values.top));
}
console.log(`\nThe profiles are in ${out}; Chrome's DevTools open them under Performance.`);

function print({ busy, idle, garbage, packages, functions }, top) {
  const line = (name, ms) =>
    `${ms.toFixed(1).padStart(10)} ms ${((100 * ms) / busy).toFixed(1).padStart(5)} %  ${name}`;
  console.log(`${idle.toFixed(1).padStart(10)} ms          idle`);
  console.log(line('at work, of that', busy));
  console.log(line('garbage collection', garbage));
  for (const [title, list] of [
    ['self time by package', packages],
    ['self time by function', functions],
  ]) {
    console.log(`  ${title}`);
    for (const [name, ms] of list.slice(0, top)) console.log(line(name, ms));
  }
}
