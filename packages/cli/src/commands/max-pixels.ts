import { Option } from 'commander';
import { parseWhole } from './parse.js';

/**
 * `--max-pixels` of every command that reads pictures; its value is `maxPixels` of the command's flags.
 * @param usual - the limit without it, in words
 */
export function maxPixelsOption(usual = '100 million'): Option {
  return new Option(
    '--max-pixels <n>',
    `largest width x height of a picture that is read (default: ${usual})`,
  ).argParser(parseWhole('--max-pixels', 1));
}
