import type { Command } from 'commander';
import { chosenBundle, chosenDevice } from '../config/choices.js';
import type { OpenWorkspace } from '../config/workspace.js';
import { SAYABLE, type DeviceChoice, type Prediction, type SpatialPrompt, type Task } from '@maskloom/core';
import { refineImage } from '../refine/refine-image.js';
import { EXIT } from '../terminal/failure.js';
import { formatTable } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Finish } from './finish.js';
import { maxPixelsOption } from './max-pixels.js';
import { collectBox } from './parse-prompts.js';
import { parseDevice, parseList, parseTask, parseWhole } from './parse.js';
import { needFolder, parseSave } from './add-convert.js';
import { MASK_FORMS, type MaskForm } from '@maskloom/data';
import { given } from '../given.js';

interface RefineFlags {
  readonly system?: string;
  readonly task?: Task;
  readonly text?: string;
  readonly labels?: readonly string[];
  readonly say: readonly string[];
  readonly box?: readonly SpatialPrompt[];
  readonly segment?: number;
  readonly mask?: string;
  readonly label?: string;
  readonly refiner: string;
  readonly bundle?: string;
  readonly refinerBundle?: string;
  readonly device?: DeviceChoice;
  readonly out?: string;
  readonly save?: readonly MaskForm[];
  readonly maxPixels?: number;
  readonly json?: boolean;
}

/** `maskloom refine`: say what is wrong with a system's result, or with a mask. */
export function addRefine(
  program: Command,
  terminal: Terminal,
  finish: Finish,
  workspace: OpenWorkspace,
): void {
  program
    .command('refine')
    .description("Say what is wrong with a system's result, or with a mask, and get a better one.")
    .argument('<image>', 'a file')
    .option('--system <system>', "the recipe that is asked first ('read/full'); not needed with --mask")
    .option('--task <task>', 'what it is asked to do (default: as of segment)', parseTask)
    .option('--text <text>', 'the phrase or question it is asked')
    .option('--labels <a,b,c>', 'the classes it is asked for', parseList)
    .requiredOption(
      '--say <words>',
      'what is wrong or what to do, in English (see below); may be repeated, one turn each',
      collect,
    )
    .option(
      '--box <x,y,w,h>',
      'where: around what is meant, or around what was missed; repeated, one for each --say in turn',
      collectBox,
    )
    .option('--segment <index>', 'which segment is meant, counted from 0', parseWhole('--segment', 0))
    .option('--mask <file>', 'a picture of a mask (white is set) to start from, in place of a system')
    .option('--label <name>', "the name of what --mask shows (default: 'object')")
    .option('--refiner <recipe>', 'the recipe that refines', 'refine/concat')
    .option(
      '--bundle <name|dir>',
      'an embedded bundle, a folder with bundle.json, or hub:owner/name (default: tiny)',
    )
    .option('--refiner-bundle <name|dir>', "the refiner's bundle, where it is another one")
    .option('--device <device>', 'auto, cpu, webgpu, cuda, coreml or dml', parseDevice)
    .option('--out <dir>', 'folder for conversation.json, report.html and an overlay per step')
    .option(
      '--save <a,b,...>',
      `write every step's masks into the folder too: ${Object.keys(MASK_FORMS).join(', ')}`,
      parseSave,
    )
    .addOption(maxPixelsOption())
    .option('--json', 'print the conversation as JSON on standard output, and nothing else there')
    .addHelpText(
      'after',
      `\nWhat can be said, by kind:\n${SAYABLE.map(([kind, examples]) => `  ${kind.padEnd(9)} ${examples.map((one) => `"${one}"`).join(', ')}`).join('\n')}`,
    )
    .action(
      finish(async (image: string, flags: RefineFlags) => {
        const { system, task, text, labels, say, box, segment, mask, label, refiner, out } = flags;
        needFolder(flags);
        const project = await workspace();
        const bundle = chosenBundle(project, flags.bundle);
        const refinerBundle = flags.refinerBundle && chosenBundle(project, flags.refinerBundle);
        const result = await refineImage({
          image,
          say,
          refiner,
          device: chosenDevice(project, flags.device),
          registry: project.registry,
          signal: terminal.signal,
          onWarning: (message) => terminal.warn(message),
          ...given({ maxPixels: flags.maxPixels, system, task, text, labels }),
          ...(box === undefined ? {} : { boxes: box.flatMap((prompt) => prompt.box ?? []) }),
          ...given({ segment, mask, label, save: flags.save, bundle, refinerBundle, out }),
        });
        if (flags.json === true) terminal.out(`${JSON.stringify(result.record)}\n`);
        else {
          result.steps.forEach((step, i) => showStep(terminal, step, i));
          if (result.report !== undefined) terminal.out(`report: ${result.report}\n`);
        }
        return EXIT.ok;
      }),
    );
}

function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

function showStep(terminal: Terminal, prediction: Prediction, index: number): void {
  const { refinement, system, recipe, segments, warnings } = prediction;
  for (const warning of warnings) terminal.warn(warning);
  terminal.out(
    refinement === undefined
      ? `${index}: ${system}/${recipe}\n`
      : `${index}: "${refinement.say}" (${refinement.situation}, by ${refinement.by})\n`,
  );
  if (segments.length === 0) terminal.out('  no mask\n');
  const rows = segments.map(({ label, score, area, bbox }, i) => [
    refinement?.segment === i ? `* ${i}` : `  ${i}`,
    label,
    score.toFixed(3),
    String(area),
    bbox.map(Math.round).join(' '),
  ]);
  if (rows.length > 0)
    terminal.out(
      formatTable([['segment', 'label', 'score', 'area', 'box (x y width height)'], ...rows], [2, 3]),
    );
}
