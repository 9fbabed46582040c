import { onAbort, type DeviceChoice } from '@maskloom/core';
import { startStudio } from '@maskloom/studio';
import type { Command } from 'commander';
import { openBundles } from '../bundles/open-bundles.js';
import { chosenBundles, chosenDevice } from '../config/choices.js';
import type { OpenWorkspace } from '../config/workspace.js';
import { worstOfRun } from '../studio/worst-of-run.js';
import { EXIT } from '../terminal/failure.js';
import type { Terminal } from '../terminal/terminal.js';
import { maxPixelsOption } from './max-pixels.js';
import { VERSION } from '../version.js';
import type { Finish } from './finish.js';
import { parseDevice, parseWhole } from './parse.js';

interface StudioFlags {
  readonly port?: number;
  readonly host?: string;
  readonly token?: string;
  readonly bundle?: readonly string[];
  readonly device?: DeviceChoice;
  readonly maxPixels?: number;
}

/** `maskloom studio`: asks systems in the browser. */
export function addStudio(
  program: Command,
  terminal: Terminal,
  finish: Finish,
  workspace: OpenWorkspace,
): void {
  program
    .command('studio')
    .description('Ask systems in the browser: by phrase, point and box, side by side, in conversation.')
    .argument('[inputs...]', 'pictures, folders of pictures, and folders of results; nothing else is shown')
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
    .action(
      finish(async (inputs: readonly string[], flags: StudioFlags) => {
        const project = await workspace();
        const { signal } = terminal;
        const { port, host, token, maxPixels } = flags;
        const runs = await Promise.all(inputs.map(worstOfRun));
        await using studio = await startStudio({
          registry: project.registry,
          bundles: await openBundles(chosenBundles(project, flags.bundle), signal),
          device: chosenDevice(project, flags.device),
          // A folder of results is asked about again, image by image; its own pictures are of no use.
          inputs: inputs.filter((_, i) => runs[i] === undefined),
          examples: runs.flatMap((run) => run ?? []),
          version: VERSION,
          onWarning: (message) => terminal.warn(message),
          ...(port === undefined ? {} : { port }),
          ...(host === undefined ? {} : { host }),
          ...(token === undefined ? {} : { token }),
          ...(maxPixels === undefined ? {} : { maxPixels }),
        });
        terminal.out(`${studio.url}\n`);
        terminal.note('open the address above in a browser; Ctrl-C ends the studio');
        await new Promise<void>((resolve) => onAbort(signal, resolve));
        return EXIT.ok;
      }),
    );
}
