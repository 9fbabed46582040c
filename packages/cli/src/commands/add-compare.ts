import type { Command } from 'commander';
import {
  defaultTask,
  MaskloomError,
  recipeId,
  suggest,
  type DeviceChoice,
  type Registry,
  type SpatialPrompt,
  type Task,
} from '@maskloom/core';
import { MASK_FORMS, type MaskForm } from '@maskloom/data';
import type { PictureFormat } from '@maskloom/report';
import { PROMPT_VARIANTS, type PromptVariant } from '@maskloom/lmseg';
import { compareImages } from '../compare/compare-images.js';
import type { ComparedData } from '../compare/data-images.js';
import type { CompareOptions } from '../compare/options.js';
import { readQueries } from '../compare/read-queries.js';
import { addStageSetting, type StageSettings } from '../compare/stage-settings.js';
import { chosenBundles, chosenData, chosenDevice } from '../config/choices.js';
import type { OpenWorkspace, Workspace } from '../config/workspace.js';
import { EXIT } from '../terminal/failure.js';
import { readMask } from '../refine/read-mask.js';
import { progressLine } from '../hub/progress-line.js';
import { jsonPieces } from '../output/json-pieces.js';
import { showComparison, showFailures } from '../terminal/show-comparison.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Finish } from './finish.js';
import { maxPixelsOption } from './max-pixels.js';
import { collectBox, collectPoint } from './parse-prompts.js';
import { parseSave } from './add-convert.js';
import { parseDevice, parseList, parseTask, parseWhole, TASKS } from './parse.js';
import { parsePrompts } from './prompt-kind.js';
import { readLabels } from './read-labels.js';
import { given } from '../given.js';

/** Options that `compare` and `segment` share, as commander parses them. */
export interface SharedFlags {
  readonly task?: Task;
  readonly text?: string;
  readonly labels?: readonly string[];
  readonly labelsFile?: string;
  readonly prompts?: PromptVariant;
  readonly descriptions?: string;
  readonly bundle?: readonly string[];
  readonly box?: readonly SpatialPrompt[];
  readonly point?: readonly SpatialPrompt[];
  readonly mask?: readonly string[];
  readonly set?: StageSettings;
  readonly device?: DeviceChoice;
  readonly save?: readonly MaskForm[];
  readonly maxPixels?: number;
  readonly pictures?: 'none' | PictureFormat;
  readonly json?: boolean;
}

interface CompareFlags extends SharedFlags {
  readonly systems?: readonly string[];
  readonly queries?: string;
  readonly out: string;
  readonly data?: string;
  readonly format?: string;
  readonly split?: string;
  readonly limit?: number;
  readonly strict?: boolean;
  readonly resume?: boolean;
}

/** Adds the options that `compare` and `segment` share. */
export function addSharedOptions(command: Command): Command {
  return command
    .option(
      '--task <task>',
      `what to do: ${TASKS.join(', ')} (default: what the text, labels or regions given are for; free when there are none)`,
      parseTask,
    )
    .option('--text <text>', 'the phrase or question')
    .option(
      '--labels <a,b,c>',
      "the classes to look for; synonyms as 'cat|kitten' (task semantic, unless --task or --text is given)",
      parseList,
    )
    .option('--labels-file <file>', 'the classes to look for, one a line')
    .option(
      '--prompts <kind>',
      `how classes are described: ${PROMPT_VARIANTS.join(', ')} (default: the system's own, all)`,
      parsePrompts,
    )
    .option('--descriptions <file>', 'JSON file with descriptions of the classes, or benchmark-classes')
    .option(
      '--box <x,y,w,h>',
      'a region by its box: what to segment (task prompted), or where to look (other tasks, systems that propose); may be repeated',
      collectBox,
    )
    .option('--point <x,y>', 'a region by a point in it, likewise; may be repeated', collectPoint)
    .option(
      '--mask <file>',
      "a region by a picture of its mask, white is set, of the image's size: where to look; may be repeated",
      (path: string, before: readonly string[] = []) => [...before, path],
    )
    .option(
      '--bundle <name|dir>',
      'an embedded bundle, a folder with bundle.json, or hub:owner/name; may be repeated, the first that has the weights gives them (default: tiny)',
      (name: string, before: readonly string[] = []) => [...before, name],
    )
    .option(
      '--set <Slot.option=value>',
      'an option of a stage in every recipe that has the slot, or another stage (Slot=package/stage); may be repeated',
      addStageSetting,
    )
    .option('--device <device>', 'auto, cpu, webgpu, cuda, coreml or dml', parseDevice)
    .option(
      '--save <a,b,...>',
      `write masks into the folder too: ${Object.keys(MASK_FORMS).join(', ')}`,
      parseSave,
    )
    .addOption(maxPixelsOption())
    .option(
      '--pictures <kind>',
      'overlays and maps as files beside the report: none (default: the report shows them), png or webp',
      parsePictures,
    )
    .option('--json', 'print the predictions as JSON on standard output, and nothing else there');
}

/**
 * The shared options in the form that `compareImages` takes.
 * @param able - tasks of the systems that were named; empty when none was
 */
export async function sharedOptions(
  flags: SharedFlags & { readonly queries?: string },
  able: readonly Task[],
  terminal: Terminal,
  workspace: Workspace,
): Promise<Omit<CompareOptions, 'images'>> {
  const { text, box = [], point = [], mask = [], descriptions, save, pictures } = flags;
  const labels = labelsOf(flags);
  const bundle = chosenBundles(workspace, flags.bundle);
  const masks = await Promise.all(
    mask.map(async (path) => ({
      label: `mask ${path}`,
      mask: await readMask(path, terminal.signal, flags.maxPixels),
    })),
  );
  const prompts = [...box, ...point, ...masks];
  const asked = {
    text: text !== undefined || flags.queries !== undefined,
    labels: labels !== undefined,
    regions: prompts.length > 0,
    masks: masks.length > 0,
    able,
  };
  const task = flags.task ?? defaultTask(asked);
  const kind = flags.prompts ?? (descriptions === undefined ? undefined : 'all');
  return {
    task,
    device: chosenDevice(workspace, flags.device),
    registry: workspace.registry,
    ...given({ maxPixels: flags.maxPixels, text, labels }),
    ...(prompts.length === 0 ? {} : { prompts }),
    ...(kind === undefined
      ? {}
      : { wording: { prompts: kind, ...(descriptions === undefined ? {} : { descriptions }) } }),
    ...given({ bundle, settings: flags.set }),
    onFetch: progressLine(terminal),
    ...given({ save, pictures }),
    signal: terminal.signal,
    onWarning: (message) => terminal.warn(message),
    onProgress: ({ done, total, path }) => terminal.progress(`${done}/${total} ${path}`),
  };
}

/** Labels of the command line and of the file, in this order. */
function labelsOf({ labels, labelsFile }: SharedFlags): readonly string[] | undefined {
  if (labelsFile === undefined) return labels;
  return [...(labels ?? []), ...readLabels(labelsFile)];
}

/** What any recipe of the named systems can do; names are checked where recipes are chosen. */
function tasksOf(registry: Registry, systems: readonly string[] = []): readonly Task[] {
  const recipes = registry.systems().flatMap((system) => system.recipes);
  return recipes.flatMap((recipe) =>
    systems.some((name) => name === recipe.system || name === recipeId(recipe)) ? recipe.tasks : [],
  );
}

/** The data set of the command line, or of the project's configuration. */
function dataOf(
  { data, format, split, limit, strict }: CompareFlags,
  project: Workspace,
): ComparedData | undefined {
  if (data === undefined) {
    const without = { format, split, limit, strict };
    const stray = Object.entries(without).find(([, value]) => value !== undefined)?.[0];
    if (stray === undefined) return undefined;
    throw new MaskloomError('OPTION_INVALID', `--${stray} is said of a data set.`, {
      where: `--${stray}`,
      hint: 'Give its folder to --data.',
    });
  }
  const known = chosenData(project, data);
  const chosen = { split: split ?? known.split, limit, strict };
  return {
    folder: known.folder,
    format: format ?? known.format ?? 'coco-instances',
    ...(Object.fromEntries(
      Object.entries(chosen).filter(([, value]) => value !== undefined),
    ) as Partial<ComparedData>),
  };
}

/** @throws MaskloomError OPTION_INVALID naming the nearest kind */
function parsePictures(text: string): 'none' | PictureFormat {
  const kinds = ['none', 'png', 'webp'] as const;
  const kind = kinds.find((one) => one === text);
  if (kind !== undefined) return kind;
  throw new MaskloomError('OPTION_INVALID', `There are no pictures of the kind '${text}'.`, {
    where: '--pictures',
    hint: suggest(text, kinds),
  });
}

/** `maskloom compare`: several systems on the same images, side by side. */
export function addCompare(
  program: Command,
  terminal: Terminal,
  finish: Finish,
  workspace: OpenWorkspace,
): void {
  const command = program
    .command('compare')
    .description('Run several systems on the same images and write a side-by-side report.')
    .argument('[images...]', 'files, folders or quoted glob patterns; not needed with --data')
    .option(
      '--systems <a,b,...>',
      "systems ('read'), recipes ('read/full') or 'all' (default: every recipe of the bundle that can do the task)",
      parseList,
    )
    .option('--queries <file>', 'JSON file with a text per image: {"path or file name": "text"}')
    .requiredOption(
      '--out <dir>',
      'folder for predictions.json, report.html and what is asked for besides; files of other origin in it stay',
    )
    .option('--data <dir>', 'a data set: its pictures, with what is really in them in the report')
    .option('--format <format>', 'its form, see `data formats` (default: coco-instances)')
    .option('--split <split>', 'a part of it, e.g. val')
    .option('--limit <n>', 'its first pictures only', parseWhole('--limit', 1))
    .option(
      '--strict',
      'refuse a data set with a record that cannot be read; such are left out and named otherwise',
    )
    .option('--resume', 'go on with what an interrupted comparison into the same folder left');
  addSharedOptions(command).action(
    finish(async (images: readonly string[], flags: CompareFlags) => {
      const project = await workspace();
      if (images.length === 0 && flags.data === undefined)
        throw new MaskloomError('OPTION_INVALID', 'There is nothing to compare on.', {
          hint: 'Name images, or a data set with --data.',
        });
      const data = dataOf(flags, project);
      const queries = flags.queries === undefined ? undefined : await readQueries(flags.queries);
      const shared = await sharedOptions(flags, tasksOf(project.registry, flags.systems), terminal, project);
      let kept: string | undefined;
      const comparison = compareImages({
        ...shared,
        images,
        out: flags.out,
        resume: flags.resume ?? false,
        onKept: (done, total) => {
          kept = `interrupted; ${done} of ${total} images are done and kept: the same command with --resume goes on`;
        },
        ...(data === undefined
          ? {}
          : { data: { ...data, ...(flags.task === undefined ? {} : { task: flags.task }) } }),
        ...given({ systems: flags.systems, queries }),
      });
      const result = await comparison.catch((error: unknown) => {
        if (kept === undefined) throw error;
        terminal.note(kept);
      });
      if (result === undefined) return EXIT.interrupted;
      if (flags.json === true) {
        showFailures(terminal, result);
        for (const piece of jsonPieces(result.predictions)) terminal.out(piece);
        terminal.out('\n');
      } else showComparison(terminal, result);
      return result.failures.length === 0 ? EXIT.ok : EXIT.failed;
    }),
  );
}
