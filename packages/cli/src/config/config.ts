import type { DeviceChoice, Plugin } from '@maskloom/core';
import type { Ablation } from '@maskloom/eval';

/** A data set that commands know by name. */
export interface ConfiguredData {
  /** Its folder; relative to the configuration file. */
  readonly folder: string;
  /** Its form, as `maskloom data check --format` names it; absent for a folder that `data synth` wrote. */
  readonly format?: string;
  /** Part of it, e.g. `val`; the format's own first choice when absent. */
  readonly split?: string;
}

/** What stands in `maskloom.config.ts` (or `.mts`, `.js`, `.mjs`, `.json`): a project's own stages, models, data and tables. */
export interface MaskloomConfig {
  /**
   * Plugins beside those that come with the command: values, or modules that export them (`@me/my-plugin`, `./plugin.ts`,
   * relative to the configuration file). Worker processes load them too.
   */
  readonly plugins?: readonly (Plugin | string)[];
  /** Bundles that `--bundle` can name, by name: folders relative to the configuration file, or `hub:owner/name`. */
  readonly bundles?: Readonly<Record<string, string>>;
  /** Data sets that `--data` can name, by name. */
  readonly data?: Readonly<Record<string, ConfiguredData>>;
  /** Values of options that the command line does not give. */
  readonly defaults?: {
    /** Where models run. */
    readonly device?: DeviceChoice;
    /** Where weights come from: names or folders, the first that has a recipe gives it. */
    readonly bundles?: readonly string[];
    /** Processes of `eval` and `ablate`. */
    readonly workers?: number;
  };
  /** Tables of one's own for `maskloom ablate`, as `defineAblation` makes them. */
  readonly ablations?: readonly Ablation[];
}

/**
 * Types a configuration file; gives back what it is given.
 *
 * @example
 * import { defineConfig } from 'maskloom';
 * export default defineConfig({ plugins: ['./smoothed-masks.ts'], data: { kitchen: { folder: 'kitchen', format: 'coco-instances' } } });
 */
export function defineConfig(config: MaskloomConfig): MaskloomConfig {
  return config;
}
