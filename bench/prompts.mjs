// N prompts in one call of the mask decoder, against N calls; and the memory of a thousand.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fakeRun } from '@maskloom/core/conformance';
import { samEncoder, samMaskDecoder } from '@maskloom/sam';
import { costInTurns, ms, ratio } from './lib/measure.mjs';
import { image, openModels } from './lib/stage.mjs';

const PROMPTS = 32;
const MANY = 1000;
const LIMIT_MB = 350;

/** @returns rows of the report */
export async function measure({ rounds, quick }) {
  const models = openModels();
  const host = await models.open('read/full');
  const context = { models: host, signal: new AbortController().signal, warn: () => undefined };
  const encoder = await samEncoder().create(context);
  const decoder = await samMaskDecoder().create(context);
  const run = fakeRun({ scope: host.scope() });
  const features = await encoder.encode(image(), run);
  const prompts = Array.from({ length: PROMPTS }, (_, i) => ({
    points: { frame: 'SamPx', xy: Float32Array.of(4 * i, 127 - 3 * i), labels: Int8Array.of(1) },
  }));
  const spent = await costInTurns(
    {
      together: () => decoder.decode(features, prompts, run),
      'one by one': async () => {
        for (const prompt of prompts) await decoder.decode(features, [prompt], run);
      },
    },
    rounds,
  );
  run.scope.release();
  await models.dispose();
  const [together, apart] = [spent.together, spent['one by one']];
  return [
    {
      key: 'prompts',
      cost: together.least / apart.least,
      name: `${PROMPTS} prompts in one decoder call, against ${PROMPTS} calls`,
      value: ratio(together.wall / apart.wall),
      aim: '< 1',
      good: together.wall < apart.wall,
      detail: `${ms(together.wall)} against ${ms(apart.wall)}`,
    },
    await memoryOfMany(quick ? 200 : MANY),
  ];
}

async function memoryOfMany(count) {
  const script = fileURLToPath(new URL('./lib/many-prompts.mjs', import.meta.url));
  const peakOf = async (points) => {
    const { stdout } = await promisify(execFile)(process.execPath, [script, String(points)]);
    return JSON.parse(stdout).peak / 2 ** 20;
  };
  const [one, many] = [await peakOf(1), await peakOf(count)];
  return {
    name: `highest resident memory of a process that decodes ${count} points on one picture`,
    value: `${many.toFixed(0)} MiB`,
    aim: `<= ${LIMIT_MB} MiB`,
    good: many <= LIMIT_MB,
    detail: `${one.toFixed(0)} MiB with one point`,
  };
}
