// A comparison of two systems on so many pictures, each with its own question, into a folder as `maskloom compare` writes it.
import { join } from 'node:path';
import { compareImages } from 'maskloom';
import { sceneFile } from './files.mjs';

/** @param count - of pictures */
export async function run(count, folder) {
  const images = Array.from({ length: count }, (_, n) => ({
    path: sceneFile(folder, n),
    text: `thing ${n}`,
  }));
  const { failures } = await compareImages({
    images,
    systems: ['stacked-seg/single', 'read/full'],
    device: 'cpu',
    resume: false,
    out: join(folder, `comparison of ${count} by ${process.pid}`),
  });
  if (failures.length > 0) throw failures[0].error;
}
