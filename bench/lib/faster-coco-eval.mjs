// faster-coco-eval, installed beside the project when it is missing: the training kit's Python reads it from there, with its NumPy.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PYTHON } from './reference.mjs';
import { PEERS } from './transformers-js.mjs';

/** @returns the folder to import it from, or what went wrong */
export async function fasterCocoEval() {
  const folder = join(PEERS, 'faster-coco-eval');
  if (existsSync(join(folder, 'faster_coco_eval'))) return { folder };
  const install = [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-deps',
    '--retries',
    '1',
    '--target',
    folder,
    'faster-coco-eval==1.8.*',
  ];
  try {
    await promisify(execFile)(PYTHON, install);
    return { folder };
  } catch (cause) {
    return {
      missing: String(cause.stderr ?? cause)
        .trim()
        .split('\n')
        .at(-1),
    };
  }
}
