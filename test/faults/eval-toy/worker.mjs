// A worker of toy recipes: cheap, deterministic, and on demand broken. Counts what it computes in a file.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { serveUnits } from '../../../packages/eval/dist/runner/serve-units.js';

const trouble = JSON.parse(process.env['TOY_TROUBLE'] ?? '{}');

/** Counts the processes that began to open the plan. */
function openings() {
  const file = `${process.env['TOY_LOG']}.openings`;
  appendFileSync(file, '.');
  return existsSync(file) ? readFileSync(file, 'utf8').length : 0;
}

serveUnits(async () => {
  if (trouble.diesOpening?.includes(openings())) process.abort();
  return toyWorker;
});

const toyWorker = {
  async run(scene, unit) {
    const name = `${scene.id} ${unit.subject}`;
    appendFileSync(process.env['TOY_LOG'], `${name}\n`);
    if (trouble.abort === name) process.abort();
    if (trouble.corrupt === scene.id)
      throw Object.assign(new Error('not a picture'), { name: 'MaskloomError', code: 'IMAGE_UNREADABLE' });
    if (trouble.hang === name) await new Promise(() => setInterval(() => undefined, 1000));
    const ms = Number(process.env['TOY_MS'] ?? 0);
    await new Promise((resolve) => setTimeout(resolve, ms));
    // As a model call that hears nothing.
    const blocked = Date.now() + Number(process.env['TOY_BLOCKS_MS'] ?? 0);
    while (Date.now() < blocked) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    // Figures that differ from unit to unit, by hand: a toy measures nothing.
    const value = ((scene.id * 7919 + unit.subject * 104729) % 1000) / 1000;
    const union = 50 + (scene.id % 17);
    const intersection = Math.floor(value * union);
    const parts = {
      referring: {
        'cIoU all': [intersection, union, 1],
        'gIoU all': [intersection / union, 1, 1],
      },
    };
    const ballast = 'x'.repeat(Number(process.env['TOY_BYTES'] ?? 100));
    return { image: '', ms, devices: ['js'], parts, answers: [{ text: ballast, segments: [] }] };
  },
};
