// The held-out figures of a bundle's manifest as Markdown.
import { described, freeNames, refined } from './dense-figures.mjs';
import { cell, table } from './markdown.mjs';

const PROMPTS = {
  box: 'box',
  point: 'one point, the innermost',
  random_point: 'one point at random',
  box_point: 'box and innermost point',
  refined: 'innermost point, then its mask as well',
  point_best: 'innermost point, the best of three masks by its own rating',
};

/** Key, title, and whether the interval is printed. */
const COLUMNS = [
  ['cIoU all', 'cIoU', true],
  ['cIoU control', 'cIoU, swapped phrase', true],
  ['cIoU attribute', '... by attribute', false],
  ['cIoU relation', '... by relation', false],
  ['cIoU stuff', '... stuff', false],
  ['gIoU all', 'gIoU', false],
  ['See', 'See', true],
];

/**
 * Figures of a manifest.
 * @param manifest - `recipes[id].heldOut`: column to {value, interval: [low, high], n}; `heldOut.sam.figures`:
 * kind of prompt to kind of region to {miou, interval, n}
 */
export function figures({ heldOut = {}, origin = {}, recipes: entries = {} }) {
  const { sam, data } = heldOut;
  const recipes = Object.fromEntries(
    Object.entries(entries).flatMap(([id, { heldOut: own }]) =>
      own?.['cIoU all'] === undefined ? [] : [[id, own]],
    ),
  );
  const parts = [];
  if (origin.trained === false) parts.push('The weights in this version are **not trained**.');
  const ids = Object.keys(recipes);
  if (ids.length > 0) {
    const scenes =
      data === undefined ? 'Held-out scenes' : `${data.count} held-out scenes (seed ${data.seed})`;
    parts.push(
      `${scenes} of the synthetic world, greedy generation: the model must write \`[SEG]\` itself. In brackets: 95 % ` +
        'bootstrap intervals over pictures. _Swapped phrase_ is the control: each phrase answered by one of the same ' +
        'picture with another target. _See_ is the share of right answers on whether the thing is there at all, false ' +
        'premises included.',
      segTable(ids, (id) => recipes[id]),
    );
  }
  if (sam?.figures !== undefined)
    parts.push('`sam/prompted`, mean IoU over regions (class-agnostic):', samTable(sam.figures));
  parts.push(...freeNames(entries), ...described(entries), ...refined(entries));
  if (parts.length === 0) parts.push('This version of the bundle carries no figures.');
  return `${parts.join('\n\n')}\n`;
}

function segTable(ids, columnsOf) {
  const present = COLUMNS.filter(([key]) => ids.some((id) => columnsOf(id)[key] !== undefined));
  const head = ['recipe', ...present.map(([, title]) => title)];
  const rows = ids.map((id) => [
    `\`${id}\``,
    ...present.map(([key, , wide]) => cell(columnsOf(id)[key], wide)),
  ]);
  return table([head, ...rows]);
}

function samTable(byPrompt) {
  const kinds = [...new Set(Object.values(byPrompt).flatMap((figures) => Object.keys(figures)))];
  const head = ['prompt', ...kinds];
  const rows = Object.entries(byPrompt).map(([prompt, figures]) => [
    PROMPTS[prompt] ?? prompt,
    ...kinds.map((kind) => cell(figures[kind] && { ...figures[kind], value: figures[kind].miou })),
  ]);
  return table([head, ...rows]);
}
