import type { Command } from 'commander';
import { recipeId } from '@maskloom/core';
import { compareImages } from '../compare/compare-images.js';
import type { OpenWorkspace } from '../config/workspace.js';
import type { PredictionRun } from '../output/predictions.js';
import { EXIT } from '../terminal/failure.js';
import { formatTable } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import { addSharedOptions, sharedOptions, type SharedFlags } from './add-compare.js';
import { needFolder } from './add-convert.js';
import type { Finish } from './finish.js';

interface SegmentFlags extends SharedFlags {
  readonly system: string;
  readonly out?: string;
}

/** `maskloom segment`: one system on one image. */
export function addSegment(
  program: Command,
  terminal: Terminal,
  finish: Finish,
  workspace: OpenWorkspace,
): void {
  const command = program
    .command('segment')
    .description('Run one system on one image.')
    .argument('<image>', 'a file')
    .requiredOption('--system <system>', "a recipe ('read/full'), or a system's name for its default recipe")
    .option('--out <dir>', 'folder for predictions.json, report.html and what is asked for besides');
  addSharedOptions(command).action(
    finish(async (image: string, flags: SegmentFlags) => {
      const project = await workspace();
      const { registry } = project;
      const recipe = registry.recipe(flags.system);
      needFolder(flags);
      const result = await compareImages({
        ...(await sharedOptions(flags, recipe.tasks, terminal, project)),
        registry,
        images: [image],
        systems: [recipeId(recipe)],
        onText: ({ text }) => terminal.progress(text),
        ...(flags.out === undefined ? {} : { out: flags.out }),
      });
      if (flags.json === true) terminal.out(`${JSON.stringify(result.predictions)}\n`);
      else {
        for (const run of result.predictions.runs) showRun(terminal, run);
        if (result.report !== undefined) terminal.out(`report: ${result.report}\n`);
      }
      return EXIT.ok;
    }),
  );
}

/** Why there is no mask, in words. */
function withoutMask({ task, outcome }: PredictionRun): string {
  if (outcome === 'refused') return 'refused: the answer asks for no mask';
  const asked = task === 'referring' || task === 'reasoning' || task === 'prompted';
  return asked ? 'empty: no pixel of the mask is set' : 'nothing found: no mask';
}

function showRun(terminal: Terminal, run: PredictionRun): void {
  for (const warning of run.warnings) terminal.warn(warning);
  terminal.out(
    `${run.system}/${run.recipe} on ${run.image.path} (${run.image.width} x ${run.image.height})\n`,
  );
  terminal.out(`weights: ${run.bundle} ${run.bundleVersion ?? ''} (${run.weights ?? ''})\n`);
  if (run.answer !== '') terminal.out(`answer: ${run.answer}\n`);
  if (run.segments.length === 0) terminal.out(`${withoutMask(run)}\n`);
  else {
    const rows = run.segments.map(({ label, score, area, bbox }) => [
      label,
      score.toFixed(3),
      String(area),
      bbox.map(Math.round).join(' '),
    ]);
    terminal.out(formatTable([['label', 'score', 'area', 'box (x y width height)'], ...rows], [1, 2]));
  }
  const parts = run.stages.map(({ slot, ms, device }) => [`  ${slot}`, ms.toFixed(1), device]);
  terminal.out(formatTable([['stage', 'ms', 'device'], ...parts], [1]));
}
