import type { Command } from 'commander';
import { MaskloomError, type DeviceChoice } from '@maskloom/core';
import { openAiCompatible, writeDescriptions } from '@maskloom/lmseg';
import { chosenBundles, chosenDevice } from '../config/choices.js';
import type { OpenWorkspace } from '../config/workspace.js';
import { EXIT } from '../terminal/failure.js';
import type { Terminal } from '../terminal/terminal.js';
import { describeClasses, openLocalModel } from './describe-classes.js';
import type { Finish } from './finish.js';
import { parseDevice, parseList } from './parse.js';
import { readLabels } from './read-labels.js';

interface DescribeFlags {
  readonly labels?: readonly string[];
  readonly labelsFile?: string;
  readonly bundle?: readonly string[];
  readonly service?: string;
  readonly model?: string;
  readonly device?: DeviceChoice;
  readonly out: string;
}

/** `maskloom describe`: what classes look like, for systems that compare images with descriptions. */
export function addDescribe(
  program: Command,
  terminal: Terminal,
  finish: Finish,
  workspace: OpenWorkspace,
): void {
  program
    .command('describe')
    .description(
      'Write what classes look like (colour, shape and size, texture and material) by a language model: one of a bundle, or a service.',
    )
    .option('--labels <a,b,c>', 'the classes', parseList)
    .option('--labels-file <file>', 'the classes, one a line')
    .option(
      '--bundle <name|dir>',
      'bundle with a language model (recipe llama/language or qwen2/language), or hub:owner/name; nothing leaves the machine',
      (name: string, before: readonly string[] = []) => [...before, name],
    )
    .option('--service <url>', 'an OpenAI-compatible service instead, e.g. http://localhost:11434/v1')
    .option('--model <name>', "the model's name at the service")
    .option('--device <device>', 'auto, cpu, webgpu, cuda, coreml or dml', parseDevice)
    .requiredOption('--out <file>', 'JSON file to write; --descriptions reads it')
    .action(
      finish(async (flags: DescribeFlags) => {
        const labels = [
          ...(flags.labels ?? []),
          ...(flags.labelsFile === undefined ? [] : readLabels(flags.labelsFile)),
        ];
        const written = await describedBy(flags, labels, terminal, workspace);
        await writeDescriptions(flags.out, written);
        const count = Object.keys(written.classes).length;
        terminal.out(`${count} ${count === 1 ? 'class' : 'classes'} by ${written.source}: ${flags.out}\n`);
        return EXIT.ok;
      }),
    );
}

async function describedBy(
  { bundle, service, model, device }: DescribeFlags,
  labels: readonly string[],
  terminal: Terminal,
  workspace: OpenWorkspace,
) {
  if (service !== undefined) {
    if (model === undefined)
      throw new MaskloomError('OPTION_INVALID', 'A service is asked for one of its models.', {
        where: '--model',
        hint: 'Name it, e.g. --model llama3.2.',
      });
    return describeClasses(labels, openAiCompatible({ baseUrl: service, model }), undefined, terminal);
  }
  const project = await workspace();
  const bundles = chosenBundles(project, bundle);
  if (bundles === undefined)
    throw new MaskloomError('OPTION_INVALID', 'A language model is needed.', {
      where: '--bundle',
      hint: 'Give --bundle with one (maskloom-convert gguf writes such a folder), or --service and --model.',
    });
  const local = await openLocalModel(bundles, chosenDevice(project, device), terminal);
  try {
    return await describeClasses(labels, local.source, local.host, terminal);
  } finally {
    await local.models.dispose();
  }
}
