import type { Command } from 'commander';
import { MaskloomError } from '@maskloom/core';
import { MASK_FORMS, maskForms, type MaskForm } from '@maskloom/data';
import { convertMasks } from '../convert/convert-masks.js';
import { EXIT } from '../terminal/failure.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Finish } from './finish.js';
import { maxPixelsOption } from './max-pixels.js';
import { parseList } from './parse.js';

interface ConvertFlags {
  readonly to: readonly (MaskForm | 'predictions')[];
  readonly out: string;
  readonly coco?: string;
  readonly images?: string;
  readonly tolerance?: number;
  readonly maxPixels?: number;
}

/** `maskloom convert`: masks from one form into others. */
export function addConvert(program: Command, terminal: Terminal, finish: Finish): void {
  program
    .command('convert')
    .description('Write masks in other forms.')
    .argument(
      '<input>',
      'a predictions.json, COCO results, COCO annotations, a labelme record or a folder of those',
    )
    .requiredOption('--to <a,b,...>', 'the forms, see below', parseTargets)
    .requiredOption('--out <dir>', 'the folder to write into; files of the same names are replaced')
    .option(
      '--coco <file>',
      'a COCO file: the names behind the numbers of COCO results, and the numbers of those that are written',
    )
    .option('--images <dir>', "the folder of a COCO file's images (default: the file's own)")
    .addOption(maxPixelsOption())
    .option(
      '--tolerance <pixels>',
      'how far outlines may leave the pixel edges; 0 (default) is exact',
      parseTolerance,
    )
    .addHelpText('after', `\n${formsHelp()}\n  predictions       a predictions.json`)
    .action(
      finish(async (input: string, flags: ConvertFlags) => {
        const written = await convertMasks({ input, ...flags, signal: terminal.signal });
        terminal.out(`${written.length} ${written.length === 1 ? 'file' : 'files'}: ${flags.out}\n`);
        return EXIT.ok;
      }),
    );
}

/** The forms with what each writes, for help. */
export function formsHelp(): string {
  const lines = Object.entries(MASK_FORMS).map(([form, what]) => `  ${form.padEnd(17)} ${what}`);
  return `Forms of masks:\n${lines.join('\n')}`;
}

/** @throws MaskloomError OPTION_INVALID naming the nearest form */
export function parseSave(text: string): readonly MaskForm[] {
  return maskForms(parseList(text), '--save');
}

/** @throws MaskloomError OPTION_INVALID when masks are to be saved and there is no folder for them */
export function needFolder({
  save,
  out,
}: {
  readonly save?: readonly MaskForm[];
  readonly out?: string;
}): void {
  if (save === undefined || save.length === 0 || out !== undefined) return;
  throw new MaskloomError('OPTION_INVALID', 'Masks are saved into a folder.', {
    where: '--save',
    hint: 'Give a folder to --out.',
  });
}

function parseTargets(text: string): readonly (MaskForm | 'predictions')[] {
  const names = parseList(text);
  const forms = maskForms(
    names.filter((name) => name !== 'predictions'),
    '--to',
  );
  return names.includes('predictions') ? [...forms, 'predictions'] : forms;
}

function parseTolerance(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new MaskloomError('OPTION_INVALID', `'${text}' is not a distance in pixels.`, {
    where: '--tolerance',
    hint: 'Write 0, or a number such as 1.5.',
  });
}
