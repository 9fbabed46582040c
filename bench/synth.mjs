// Scenes of the synthetic world per second of one core, by the generator's own benchmark.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../packages/synth/bench/synth.mjs', import.meta.url));

/** @returns rows of the report */
export async function measure({ rounds }) {
  const count = String(Math.max(60, 40 * rounds));
  const printed = execFileSync(process.execPath, [SCRIPT, '--count', count], { encoding: 'utf8' });
  const { scenes, size, perSecond, perProcessorSecond, target } = JSON.parse(printed);
  return [
    {
      name: `scenes of ${size} x ${size} per second of one core, with every file written`,
      value: String(perProcessorSecond),
      aim: `>= ${target}`,
      good: perProcessorSecond >= target,
      detail: `${perSecond} per second of wall time, ${scenes} scenes`,
    },
  ];
}
