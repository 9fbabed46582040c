import type { Command } from 'commander';
import type { OpenWorkspace } from '../config/workspace.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Finish } from './finish.js';

/** Puts a command with its options into a program. */
export type AddCommand = (
  program: Command,
  terminal: Terminal,
  finish: Finish,
  workspace: OpenWorkspace,
) => void;

/** A command of the program. Its files, and all of the SDK that they need, are read when it is used. */
export interface LazyCommand {
  /** What stands behind `maskloom`. */
  readonly name: string;
  /** Its description, for the list of commands. */
  readonly summary: string;
  /** Reads its files. */
  readonly load: () => Promise<AddCommand>;
}

/** Every command, in the order of the help. */
export const COMMANDS: readonly LazyCommand[] = [
  {
    name: 'compare',
    summary: 'Run several systems on the same images and write a side-by-side report.',
    load: async () => (await import('./add-compare.js')).addCompare,
  },
  {
    name: 'segment',
    summary: 'Run one system on one image.',
    load: async () => (await import('./add-segment.js')).addSegment,
  },
  {
    name: 'refine',
    summary: "Say what is wrong with a system's result, or with a mask, and get a better one.",
    load: async () => (await import('./add-refine.js')).addRefine,
  },
  {
    name: 'studio',
    summary: 'Ask systems in the browser: by phrase, point and box, side by side, in conversation.',
    load: async () => (await import('./add-studio.js')).addStudio,
  },
  {
    name: 'convert',
    summary: 'Write masks in other forms.',
    load: async () => (await import('./add-convert.js')).addConvert,
  },
  {
    name: 'describe',
    summary:
      'Write what classes look like (colour, shape and size, texture and material) by a language model: one of a bundle, or a service.',
    load: async () => (await import('./add-describe.js')).addDescribe,
  },
  {
    name: 'systems',
    summary:
      'List systems, their recipes, the tasks they can do and the bundles here that have their weights.',
    load: async () => (await import('./add-systems.js')).addSystems,
  },
  {
    name: 'bundles',
    summary: 'List or check bundles of models.',
    load: async () => (await import('./add-bundles.js')).addBundles,
  },
  {
    name: 'hub',
    summary: 'Fetch published checkpoints, and look after what was fetched.',
    load: async () => (await import('../hub/add-hub.js')).addHub,
  },
  {
    name: 'data',
    summary: 'Make and check data sets.',
    load: async () => (await import('./add-data.js')).addData,
  },
  {
    name: 'eval',
    summary:
      'Measure recipes on a data set. With a folder for --out the run can be interrupted and goes on; see `report`.',
    load: async () => (await import('./add-eval.js')).addEval,
  },
  {
    name: 'figures',
    summary:
      "Measure the README's figures of every system again, with their controls; an interrupted run goes on.",
    load: async () => (await import('./add-figures.js')).addFigures,
  },
  {
    name: 'metrics',
    summary: 'Score results that any program wrote.',
    load: async () => (await import('./add-metrics.js')).addMetrics,
  },
  {
    name: 'ablate',
    summary: "Measure the papers' ablation tables, their printed figures beside; an interrupted run goes on.",
    load: async () => (await import('./add-ablate.js')).addAblate,
  },
  {
    name: 'report',
    summary: 'Make pages of a run: tables, plots, scores by class and image, predictions beside the truth.',
    load: async () => (await import('./add-report.js')).addReport,
  },
  {
    name: 'diff',
    summary: 'Compare two runs figure by figure, paired by image.',
    load: async () => (await import('./add-diff.js')).addDiff,
  },
  {
    name: 'worker',
    summary: 'Do units of `eval --queue` and `ablate --queue` until interrupted.',
    load: async () => (await import('./add-worker.js')).addWorker,
  },
  {
    name: 'queue',
    summary: 'Look at the queue of a run, and steer it.',
    load: async () => (await import('./add-queue.js')).addQueue,
  },
  {
    name: 'doctor',
    summary: 'Say what this machine can run on, why other devices are missing, and what would add them.',
    load: async () => (await import('./add-doctor.js')).addDoctor,
  },
];
