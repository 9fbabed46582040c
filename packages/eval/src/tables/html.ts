import { Html, markup } from '@maskloom/report';
import { columnHead, factLines, figure, onImages, printedFigure, STATE_WORDS } from './text.js';
import type { Table, TableCell, TableRow } from './table.js';

/** The style of tables on a page of their own or in a report. */
export const TABLE_STYLE = `
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; }
table.figures { border-collapse: collapse; display: block; overflow-x: auto; font-variant-numeric: tabular-nums; }
.figures th, .figures td { border-bottom: 1px solid #8886; padding: .35rem .7rem; text-align: left; vertical-align: top; }
.figures thead th { border-bottom: 2px solid #8889; }
.figures small { opacity: .75; display: block; white-space: nowrap; }
.figures .paper { color: #777; }
.figures .none { opacity: .6; font-style: italic; }
.mark { border: 1px solid currentColor; border-radius: .3em; font-size: .75em; padding: 0 .3em; margin-left: .4em; }
.facts { font-size: .85em; opacity: .85; overflow-wrap: anywhere; }
`;

/** A table as an element of a page. */
export function tableElement(table: Table): Html {
  return markup`<section id="${table.id.replace('/', '-')}">
<h2>${table.title} <small>${table.id}</small></h2>
<table class="figures">
<thead><tr><th></th>${table.columns.map((column) => markup`<th scope="col">${columnHead(column)}</th>`)}</tr></thead>
<tbody>
${table.rows.map(
  (
    row,
    i,
  ) => markup`<tr><th scope="row">${row.label}${rowMarks(row, i)}</th>${row.cells.map(cellElement)}</tr>
`,
)}</tbody>
</table>
<ul class="facts">${factLines(table).map((fact) => markup`<li>${fact}</li>`)}</ul>
</section>`;
}

/** A table as a page that opens from disk. */
export function tableHtml(table: Table): string {
  return markup`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${table.id}: ${table.title}</title>
<style>${raw(TABLE_STYLE)}</style></head>
<body>
${tableElement(table)}
</body>
</html>
`.text;
}

function raw(text: string): Html {
  return new Html(text);
}

function rowMarks({ oracle, untrained, remarks }: TableRow, index: number): Html {
  return markup`${oracle && markup`<span class="mark">oracle</span>`}${untrained && markup`<span class="mark">untrained</span>`}${remarks.length > 0 && markup` <sup>${index + 1}</sup>`}`;
}

function cellElement({ state, measured, interval, paper, images, n }: TableCell): Html {
  const on = onImages(state, images);
  const value =
    measured === null
      ? markup`${state !== 'paper only' && markup`<span class="none">${STATE_WORDS[state]}</span>`}`
      : markup`<span title="${images} images, n = ${n}">${figure(measured)}</span>${interval !== null && markup`<small>[${figure(interval[0])}, ${figure(interval[1])}]</small>`}${on !== '' && markup`<small>${on}</small>`}`;
  return markup`<td>${value}${paper !== null && markup` <span class="paper">paper ${printedFigure(paper)}</span>`}</td>`;
}
