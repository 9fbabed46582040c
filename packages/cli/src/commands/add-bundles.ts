import type { Command } from 'commander';
import { verifyBundle } from '@maskloom/runtime';
import { bundleFolder } from '../bundles/find-bundle.js';
import { listBundles } from '../bundles/list-bundles.js';
import { EXIT } from '../terminal/failure.js';
import { formatTable } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Finish } from './finish.js';

/** `maskloom bundles`: the embedded bundles, and the checking of any. */
export function addBundles(program: Command, terminal: Terminal, finish: Finish): void {
  const bundles = program.command('bundles').description('List or check bundles of models.');
  bundles
    .command('list', { isDefault: true })
    .description('List the bundles that come with the command.')
    .option('--json', 'print the list as JSON')
    .action(
      finish(async ({ json }: { readonly json?: boolean }) => {
        const all = await listBundles(terminal.signal);
        if (json === true) terminal.out(`${JSON.stringify(all, undefined, 1)}\n`);
        else {
          const rows = all.map((one) => [
            one.name,
            one.version,
            one.license,
            `${(one.bytes / 1e6).toFixed(1)} MB`,
            one.recipes.join(', '),
          ]);
          terminal.out(formatTable([['bundle', 'version', 'licence', 'size', 'recipes'], ...rows], [3]));
        }
        return EXIT.ok;
      }),
    );
  bundles
    .command('verify')
    .description(
      'Check every file of a bundle: presence, place, size, hash, and that the models fit together.',
    )
    .argument('[dir]', 'a folder with bundle.json, or an embedded bundle (default: tiny)')
    .action(
      finish(async (dir?: string) => {
        const folder = bundleFolder(dir);
        const findings = await verifyBundle(folder);
        for (const finding of findings) terminal.out(`${finding.code}: ${finding.message}\n`);
        if (findings.length === 0) terminal.out(`${folder}: in order\n`);
        return findings.length === 0 ? EXIT.ok : EXIT.failed;
      }),
    );
}
