// The table of scripts/parity-real.mjs: a line for what was compared, a column for each form of the weights.

/** What the command wrote last. */
export const MEASURED = 'docs/measured/parity-real.json';

const FORMS = ['f32', 'f16', 'q8', 'q4'];

/** The cases of the measured file as Markdown. A figure outside its limit is bold. */
export function parityTable({ cases }) {
  const lines = [
    `| checkpoint | compared | limit | ${FORMS.join(' | ')} |`,
    `| --- | --- | --- | ${FORMS.map(() => '---').join(' | ')} |`,
  ];
  for (const [name, { summary, rows }] of Object.entries(cases)) {
    const kinds = new Map(rows.map(({ what, limit }) => [what, limit]));
    let first = `\`${name}\`: ${summary}`;
    for (const [what, limit] of kinds) {
      const cells = FORMS.map((form) => figure(rows.find((row) => row.what === what && row.dtype === form)));
      lines.push(`| ${first} | ${what} | ${limit} | ${cells.join(' | ')} |`);
      first = '';
    }
  }
  return lines.join('\n');
}

function figure(row) {
  if (row === undefined) return '';
  const text = typeof row.value === 'number' ? number(row.value) : row.value;
  return row.good ? text : `**${text}**`;
}

function number(value) {
  if (value >= 0.1) return value.toFixed(4);
  return value === 0 ? '0' : value.toExponential(1);
}
