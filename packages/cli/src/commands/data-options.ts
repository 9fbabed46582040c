import type { Command } from 'commander';
import { MaskloomError } from '@maskloom/core';
import type { Drawn } from '@maskloom/data';
import { optionWords } from './option-words.js';
import { given } from '../given.js';

/** Options of every command that reads a real data set, as commander parses them. */
export interface DataFlags {
  readonly annotations?: string;
  readonly images?: string;
  readonly orientation?: Drawn;
  readonly strict?: boolean;
}

/** What those options say, in the form that readers take. */
export interface DataChoice {
  readonly annotations?: string;
  readonly images?: string;
  readonly drawn?: Drawn;
  readonly strict?: boolean;
}

/** Adds the options that say where a data set's files are and how they are taken. */
export function addDataOptions(command: Command): Command {
  return command
    .option('--annotations <file>', "the annotation file, in place of the layout's own (COCO forms)")
    .option('--images <dir>', "the folder of the images, in place of the layout's own (COCO forms, labelme)")
    .option(
      '--orientation <form>',
      "whether annotations are drawn on pictures as 'stored' or as 'shown' by their EXIF tag (default: as the format's own tools take them)",
      parseDrawn,
    );
}

/** Adds `--strict`. */
export function addStrict(command: Command): Command {
  return command.option(
    '--strict',
    'end at the first record that cannot be read (default: leave it out and say so)',
  );
}

/** The options that were given. */
export function dataChoice({ annotations, images, orientation, strict }: DataFlags): DataChoice {
  return {
    ...given({ annotations, images, drawn: orientation, strict }),
  };
}

/** The words of a command line for the options that were given. */
export function dataWords({ annotations, images, orientation, strict }: DataFlags): readonly string[] {
  return optionWords({ annotations, images, orientation, strict });
}

function parseDrawn(text: string): Drawn {
  if (text === 'stored' || text === 'shown') return text;
  throw new MaskloomError('OPTION_INVALID', `Pictures have no form '${text}'.`, {
    where: '--orientation',
    hint: 'Give stored or shown.',
  });
}
