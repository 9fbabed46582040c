import type { DeviceChoice } from '@maskloom/core';
import { embeddedBundles, rowsBundle } from '../bundles/find-bundle.js';
import type { ConfiguredData } from './config.js';
import type { Workspace } from './workspace.js';

/** The command line's device, else the configuration's, else `auto`. */
export function chosenDevice({ config }: Workspace, asked: DeviceChoice | undefined): DeviceChoice {
  return asked ?? config.defaults?.device ?? 'auto';
}

/** The command line's bundles, else the configuration's, names of configured ones as folders; nothing when neither says any. */
export function chosenBundles(
  workspace: Workspace,
  asked: readonly string[] | undefined,
): readonly string[] | undefined {
  const named = namedBundles(workspace);
  return (asked ?? workspace.config.defaults?.bundles)?.map((name) => named.get(name) ?? name);
}

/** As {@link chosenBundles} for a command that takes one. */
export function chosenBundle(workspace: Workspace, asked: string | undefined): string | undefined {
  return chosenBundles(workspace, asked === undefined ? undefined : [asked])?.[0];
}

/**
 * A data set by its name in the configuration, or a folder.
 * @param asked - what `--data` says; a name that is not configured is a folder, checked where it is read
 */
export function chosenData({ config }: Workspace, asked: string): ConfiguredData {
  return config.data?.[asked] ?? { folder: asked };
}

/** The project's own tables of an id, or of the paper that an id names; none where it has no such table. */
export function ownTables({ config }: Workspace, id: string): NonNullable<Workspace['config']['ablations']> {
  return (config.ablations ?? []).filter((one) => one.id === id || one.id.startsWith(`${id}/`));
}

/** Every bundle that has a name here, with its folder: embedded ones, the ablation rows', and the project's own. */
export function namedBundles({ config }: Workspace): ReadonlyMap<string, string> {
  const rows = rowsBundle();
  return new Map([
    ...embeddedBundles().map(({ name, directory }) => [name, directory] as const),
    ...(rows === undefined ? [] : [['ablations', rows] as const]),
    ...Object.entries(config.bundles ?? {}),
  ]);
}
