// The held-out figures of a bundle's manifest as Markdown.

const COLUMNS = [
  ['cIoU all', 'referring cIoU'],
  ['gIoU all', 'referring gIoU'],
  ['cIoU paired', 'cIoU, paired'],
  ['cIoU control', 'cIoU, swapped phrase'],
  ['See', 'See'],
];

/**
 * Figures of a manifest.
 * @param manifest - `heldOut.recipes`: recipe id to column to {value, interval: [low, high], n}; `heldOut.sam.figures`:
 * kind of prompt to kind of region to {miou, interval, n}
 */
export function figures({ heldOut = {}, origin = {} }) {
  const { recipes = {}, sam, data } = heldOut;
  const parts = [];
  if (origin.trained === false) parts.push('The weights in this version are **not trained**.');
  const ids = Object.keys(recipes);
  if (ids.length > 0) {
    const scenes =
      data === undefined ? 'Held-out scenes' : `${data.count} held-out scenes (seed ${data.seed})`;
    parts.push(
      `${scenes} of the synthetic world, greedy generation: the model must write \`[SEG]\` itself. In brackets: 95 % ` +
        'bootstrap intervals over pictures. _Swapped phrase_ is the control: each phrase answered by one of the same ' +
        'picture with another target; _paired_ is the recipe on exactly the phrases that have such a partner. _See_ is ' +
        'the share of right answers on whether the thing is there at all, false premises included.',
      table(ids, (id) => recipes[id]),
    );
  }
  if (sam?.figures !== undefined)
    parts.push('`sam/prompted`, mean IoU over regions (class-agnostic):', samTable(sam.figures));
  if (parts.length === 0) parts.push('This version of the bundle carries no figures.');
  return `${parts.join('\n\n')}\n`;
}

function table(ids, columnsOf) {
  const present = COLUMNS.filter(([key]) => ids.some((id) => columnsOf(id)[key] !== undefined));
  const head = ['recipe', ...present.map(([, title]) => title)];
  const rows = ids.map((id) => [`\`${id}\``, ...present.map(([key]) => cell(columnsOf(id)[key]))]);
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function samTable(byPrompt) {
  const kinds = [...new Set(Object.values(byPrompt).flatMap((figures) => Object.keys(figures)))];
  const head = ['prompt', ...kinds];
  const rows = Object.entries(byPrompt).map(([prompt, figures]) => [
    prompt,
    ...kinds.map((kind) => cell(figures[kind] && { ...figures[kind], value: figures[kind].miou })),
  ]);
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function cell(figure) {
  if (figure === undefined) return '—';
  const { value, interval } = figure;
  return interval === undefined
    ? value.toFixed(3)
    : `${value.toFixed(3)} [${interval.map((edge) => edge.toFixed(3)).join(', ')}]`;
}
