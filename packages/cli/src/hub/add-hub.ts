import { InvalidArgumentError, type Command } from 'commander';
import {
  HUB_DTYPES,
  hubSettings,
  listCache,
  pullBundle,
  pullRepository,
  readRepository,
  removeRepository,
  verifyCache,
  type HubDType,
} from '@maskloom/hub';
import { parseManifest, sizeText } from '@maskloom/runtime';
import type { Finish } from '../commands/finish.js';
import { EXIT } from '../terminal/failure.js';
import { formatTable } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import { progressLine } from './progress-line.js';
import { given } from '../given.js';

interface PullFlags {
  readonly revision?: string;
  readonly dtype?: HubDType;
  readonly file?: readonly string[];
  readonly weightsFrom?: string;
}

/** `maskloom hub`: published checkpoints and the cache that Python's libraries share. */
export function addHub(program: Command, terminal: Terminal, finish: Finish): void {
  const hub = program
    .command('hub')
    .description('Fetch published checkpoints, and look after what was fetched.');
  addPull(hub, terminal, finish);
  hub
    .command('list')
    .description("List the repositories in the cache (Python's huggingface_hub uses the same one).")
    .option('--json', 'print the list as JSON')
    .action(
      finish(async ({ json }: { readonly json?: boolean }) => {
        const settings = hubSettings();
        const all = await listCache(settings);
        if (json === true) terminal.out(`${JSON.stringify(all, undefined, 1)}\n`);
        else if (all.length === 0) terminal.out(`${settings.cache}: nothing there\n`);
        else {
          const rows = all.flatMap(({ id, bytes, revisions }) =>
            revisions.map(({ commit, refs, files }, i) => [
              i === 0 ? id : '',
              i === 0 ? sizeText(bytes) : '',
              commit.slice(0, 12),
              refs.join(', '),
              String(files.length),
            ]),
          );
          terminal.out(
            formatTable([['repository', 'size', 'commit', 'revisions', 'files'], ...rows], [1, 4]),
          );
        }
        return EXIT.ok;
      }),
    );
  hub
    .command('rm')
    .description('Remove repositories from the cache, with what was made from them.')
    .argument('<repository...>', 'owner/name')
    .action(
      finish(async (names: readonly string[]) => {
        for (const name of names) {
          const { id } = readRepository(name);
          const freed = await removeRepository(id, hubSettings());
          terminal.out(`${id}: removed, ${sizeText(freed)} free\n`);
        }
        return EXIT.ok;
      }),
    );
  hub
    .command('verify')
    .description('Read files of the cache and compare them with their hashes.')
    .argument('[repository...]', 'owner/name (default: all)')
    .action(
      finish(async (names: readonly string[]) => {
        const ids = names.map((name) => readRepository(name).id);
        const settings = hubSettings();
        const findings = await verifyCache(settings, ids.length > 0 ? ids : undefined, (file) =>
          terminal.progress(file),
        );
        for (const { id, file, message } of findings) terminal.out(`${id}: ${file}: ${message}\n`);
        if (findings.length === 0) terminal.out(`${settings.cache}: in order\n`);
        else terminal.note('To mend: maskloom hub rm, then maskloom hub pull.');
        return findings.length === 0 ? EXIT.ok : EXIT.failed;
      }),
    );
}

function addPull(hub: Command, terminal: Terminal, finish: Finish): void {
  hub
    .command('pull')
    .description('Fetch a repository and make it ready to run: --bundle hub:owner/name then opens it.')
    .argument('<repository>', 'owner/name, or owner/name@revision')
    .option('--revision <revision>', 'a branch, a tag or a commit (default: main)')
    .option('--dtype <dtype>', `form of the weights: ${HUB_DTYPES.join(', ')} (default: fp32)`, parseDType)
    .option('--weights-from <repository>', 'the original, for weights that ready-made graphs leave out')
    .option('--file <path...>', 'fetch only these files, as they are (* and ** are understood)')
    .action(
      finish(async (name: string, flags: PullFlags) => {
        const { revision, dtype, file, weightsFrom } = flags;
        const onProgress = progressLine(terminal);
        const at = revision === undefined ? {} : { revision };
        if (file !== undefined) {
          const pulled = await pullRepository(name, {
            ...at,
            files: file,
            signal: terminal.signal,
            onProgress,
          });
          terminal.out(`${pulled.snapshot}: ${pulled.files.join(', ')}\n`);
          return EXIT.ok;
        }
        const located = await pullBundle(
          name,
          {
            ...at,
            ...given({ dtype, weightsFrom }),
            onProgress,
            onWarning: (message) => terminal.note(`warning: ${message}`),
          },
          terminal.signal,
        );
        const manifest = parseManifest(located.manifest, name);
        terminal.out(`${located.root}\n`);
        terminal.out(`licence: ${manifest.license}; recipes: ${Object.keys(manifest.recipes).join(', ')}\n`);
        return EXIT.ok;
      }),
    );
}

function parseDType(text: string): HubDType {
  const known = HUB_DTYPES.find((dtype) => dtype === text);
  if (known !== undefined) return known;
  throw new InvalidArgumentError(`Valid: ${HUB_DTYPES.join(', ')}.`);
}
