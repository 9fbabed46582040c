import type { Task } from '@maskloom/core';
import type { DatasetKind } from '@maskloom/data';
import type { Ablation, AblationColumn } from './ablation.js';

/** What a table of held-out figures is made of. */
export interface EvalTableOptions {
  /** `system/name` of each row. */
  readonly recipes: readonly string[];
  /** What they can do. */
  readonly tasks: ReadonlySet<Task>;
  /** The data set's name, for the title. */
  readonly data: string;
  /** What the data say about images; `synthetic` for the synthetic world, which says everything. */
  readonly kind: DatasetKind | 'synthetic';
  /** Whether the data have false premises. */
  readonly premises: boolean;
}

interface Shown {
  readonly protocol: string;
  readonly task: Task;
  readonly kinds: readonly EvalTableOptions['kind'][];
  /** Column label and figure. */
  readonly figures: readonly (readonly [string, string])[];
}

const SHOWN: readonly Shown[] = [
  {
    protocol: 'referring',
    task: 'referring',
    kinds: ['synthetic', 'referring'],
    figures: [
      ['gIoU', 'gIoU all'],
      ['cIoU', 'cIoU all'],
      ['cIoU, swapped phrases', 'cIoU control'],
    ],
  },
  {
    protocol: 'premises',
    task: 'referring',
    kinds: ['synthetic', 'referring', 'reasoning'],
    figures: [
      ['See', 'See'],
      ['Segment cIoU', 'Segment cIoU'],
    ],
  },
  {
    protocol: 'reasoning',
    task: 'reasoning',
    kinds: ['synthetic', 'reasoning'],
    figures: [
      ['reasoning gIoU', 'gIoU all'],
      ['reasoning cIoU', 'cIoU all'],
    ],
  },
  {
    protocol: 'semantic',
    task: 'semantic',
    kinds: ['synthetic', 'semantic', 'panoptic'],
    figures: [['mIoU, classes listed', 'mIoU']],
  },
  {
    protocol: 'instances',
    task: 'instance',
    kinds: ['synthetic', 'instances', 'panoptic'],
    figures: [
      ['AP', 'AP'],
      ['AP50', 'AP50'],
    ],
  },
  {
    protocol: 'prompted',
    task: 'prompted',
    kinds: ['synthetic', 'instances', 'panoptic'],
    figures: [
      ['mIoU, by box', 'mIoU box all'],
      ['mIoU, by point', 'mIoU point all'],
    ],
  },
];

/** The tasks that a kind of data can be asked for. */
export function askedTasks(kind: EvalTableOptions['kind']): readonly Task[] {
  return [...new Set(SHOWN.filter(({ kinds }) => kinds.includes(kind)).map(({ task }) => task))];
}

/** A figure of `maskloom eval`: its head, what is asked, which figure of it, and what a recipe must be able to do. */
export interface EvalFigure {
  /** Column head. */
  readonly label: string;
  /** Name of the protocol. */
  readonly protocol: string;
  /** Figure of the protocol's measures. */
  readonly figure: string;
  /** The task that is asked. */
  readonly task: Task;
}

/** Every figure that `maskloom eval` shows, in its order. */
export function evalFigures(): readonly EvalFigure[] {
  return SHOWN.flatMap(({ protocol, task, figures }) =>
    figures.map(([label, figure]) => ({ label, protocol, figure, task })),
  );
}

/** The table of `maskloom eval`: a row per recipe, the headline figures of everything that the data can be asked. */
export function evalTable({ recipes, tasks, data, kind, premises }: EvalTableOptions): Ablation {
  const world = kind === 'synthetic' ? 'synthetic' : 'real';
  const columns = SHOWN.filter(
    ({ protocol, task, kinds }) =>
      kinds.includes(kind) &&
      tasks.has(task) &&
      (protocol !== 'premises' || premises || kind === 'synthetic'),
  ).flatMap(({ protocol, figures }) =>
    figures.map(([label, figure]): AblationColumn => ({
      label,
      [world]: { part: 'data', protocol, figure },
    })),
  );
  return {
    id: 'eval/figures',
    title: `Held-out figures on ${data}`,
    data: {
      synthetic: world === 'synthetic' ? { data: { seed: 0, count: 0 } } : {},
      real: world === 'real' ? { data: { format: '', split: '', folder: '.' } } : {},
    },
    rows: recipes.map((recipe) => ({ label: recipe, recipe })),
    columns,
  };
}
