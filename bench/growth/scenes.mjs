// A whole evaluation of so many scenes by two protocols, with Segment Anything as the model: a run's process and its worker.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { scenesFolder } from './files.mjs';

const RUN = fileURLToPath(new URL('../../test/faults/eval-memory/run.mjs', import.meta.url));

/** @param count - of scenes */
export async function run(count, folder) {
  const log = join(folder, `worker ${process.pid}`);
  const out = join(folder, `run of ${count} by ${process.pid}`);
  const { stdout } = await promisify(execFile)(process.execPath, [RUN, scenesFolder(folder, count), out], {
    env: { ...process.env, MEMORY_LOG: log },
  });
  const [runner, worker] = [JSON.parse(stdout), JSON.parse(readFileSync(log, 'utf8'))];
  if (runner.done !== runner.total) throw new Error('A unit has failed.');
  return { cpu: runner.cpuMs + worker.cpuMs, peak: 1024 * (runner.peakKb + worker.peakKb) };
}
