import { onAbort, type DeviceChoice } from '@maskloom/core';
import { ATTRIBUTES, readDescriptions, storedDescriptions, type StoredDescriptions } from '@maskloom/lmseg';
import { evalFigures } from '@maskloom/eval';
import { startStudio } from '@maskloom/studio';
import type { Command } from 'commander';
import { openBundles } from '../bundles/open-bundles.js';
import { chosenBundles, chosenDevice } from '../config/choices.js';
import type { OpenWorkspace } from '../config/workspace.js';
import { studioInputs, type InputFlags } from '../studio/studio-inputs.js';
import { EXIT } from '../terminal/failure.js';
import type { Terminal } from '../terminal/terminal.js';
import { maxPixelsOption } from './max-pixels.js';
import { VERSION } from '../version.js';
import { addDataOptions } from './data-options.js';
import type { Finish } from './finish.js';
import { parseDevice, parseWhole } from './parse.js';
import { given } from '../given.js';

interface StudioFlags extends InputFlags {
  readonly port?: number;
  readonly host?: string;
  readonly token?: string;
  readonly bundle?: readonly string[];
  readonly device?: DeviceChoice;
  readonly maxPixels?: number;
}

/** What a table that the page saves can show; gIoU of reasoning questions when nothing is chosen. */
const USUAL_FIRST = evalFigures().toSorted(
  (a, b) => Number(b.label === 'reasoning gIoU') - Number(a.label === 'reasoning gIoU'),
);

/** `maskloom studio`: asks systems in the browser. */
export function addStudio(
  program: Command,
  terminal: Terminal,
  finish: Finish,
  workspace: OpenWorkspace,
): void {
  const command = program
    .command('studio')
    .description('Ask systems in the browser: by phrase, point and box, side by side, in conversation.')
    .argument(
      '[inputs...]',
      'pictures, folders of pictures, data sets, and folders of results and runs; nothing else is shown',
    )
    .option('--port <port>', 'the port (default: one that is free)', parseWhole('--port', 0))
    .option(
      '--bundle <name|dir>',
      'where weights come from, may be repeated: the first that has a recipe gives it (default: tiny)',
      (one: string, before: readonly string[] = []) => [...before, one],
    )
    .option('--device <device>', 'auto, cpu, webgpu, cuda, coreml or dml', parseDevice)
    .addOption(maxPixelsOption('64 million'))
    .option('--host <address>', 'the address to listen on (default: 127.0.0.1, this machine alone)')
    .option('--token <token>', 'the token in the address (default: a random one); needed with --host')
    .option('--format <format>', 'the form of data sets among the folders: one of `data formats`')
    .option('--split <split>', 'a part of them, e.g. val')
    .option('--split-by <name>', 'who split a REFER data set, e.g. unc, umd or unc_exclude_unified');
  addDataOptions(command).action(
    finish(async (inputs: readonly string[], flags: StudioFlags) => {
      const project = await workspace();
      const { signal } = terminal;
      const { port, host, token, maxPixels } = flags;
      const shown = await studioInputs(project, inputs, flags, terminal);
      await using studio = await startStudio({
        registry: project.registry,
        bundles: await openBundles(chosenBundles(project, flags.bundle), signal),
        device: chosenDevice(project, flags.device),
        ...shown,
        columns: USUAL_FIRST,
        descriptions: {
          attributes: ATTRIBUTES,
          read: async (content) => storedDescriptions(await readDescriptions(content as StoredDescriptions)),
        },
        version: VERSION,
        onWarning: (message) => terminal.warn(message),
        ...given({ port, host, token, maxPixels }),
      });
      terminal.out(`${studio.url}\n`);
      terminal.note('open the address above in a browser; Ctrl-C ends the studio');
      await new Promise<void>((resolve) => onAbort(signal, resolve));
      return EXIT.ok;
    }),
  );
}
