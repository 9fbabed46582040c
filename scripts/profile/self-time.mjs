// Self time out of a .cpuprofile, as Chrome's DevTools counts it: from a sample to the next one a thread is in the sampled function.
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What V8 samples that no function does. */
const APART = { '(idle)': 'idle', '(garbage collector)': 'garbage' };

/**
 * Milliseconds that a thread spent in functions themselves, without what they call.
 * @param profile - the parsed file: `nodes`, `samples`, `timeDeltas` and `startTime` to `endTime` in microseconds
 * @param window - `from` and `until` on the clock of `process.hrtime`, in microseconds; the rest is left out
 * @returns `idle`, `garbage` (collection), `busy` (all but idle); `packages` and `functions` as [name, ms], most first
 */
export function selfTime(profile, { from = -Infinity, until = Infinity } = {}) {
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const spent = { idle: 0, garbage: 0, busy: 0 };
  const [packages, functions] = [new Map(), new Map()];
  let at = profile.startTime;
  for (const [i, id] of profile.samples.entries()) {
    at += profile.timeDeltas[i];
    const next = i + 1 < profile.samples.length ? at + profile.timeDeltas[i + 1] : profile.endTime;
    const ms = Math.max(0, Math.min(next, until) - Math.max(at, from)) / 1000;
    if (ms === 0) continue;
    const frame = frames.get(id);
    const apart = APART[frame.functionName];
    if (apart !== 'idle') spent.busy += ms;
    if (apart !== undefined) {
      spent[apart] += ms;
      continue;
    }
    const owner = packageOf(frame);
    add(packages, owner, ms);
    add(functions, describe(frame, owner), ms);
  }
  return { ...spent, packages: mostFirst(packages), functions: mostFirst(functions) };
}

const add = (sums, name, ms) => sums.set(name, (sums.get(name) ?? 0) + ms);
const mostFirst = (sums) => [...sums].sort(([, a], [, b]) => b - a);

/**
 * The package that a function is of: of this repository or of node_modules, `node` for Node's own JavaScript, `native code` where
 * there is no file (addons such as ONNX Runtime, V8, the operating system).
 */
export function packageOf({ url }) {
  if (url === '') return 'native code';
  if (url.startsWith('wasm:')) return 'WebAssembly';
  if (url.startsWith('node:')) return 'node';
  const installed = url.split('/node_modules/').at(-1);
  const parts = (installed === url ? (url.split('/packages/')[1] ?? '') : installed).split('/');
  const deep = installed === url ? parts[0] === 'plugins' : parts[0].startsWith('@');
  const name = parts.slice(0, deep ? 2 : 1).join('/');
  if (installed !== url) return name;
  return name === '' ? basename(url) : `packages/${name}`;
}

function describe({ functionName, url, lineNumber }, owner) {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (!url.startsWith('file:')) return `${name} (${owner})`;
  return `${name} (${owner}, ${basename(fileURLToPath(url))}:${lineNumber + 1})`;
}
