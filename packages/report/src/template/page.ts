import { markup, type Html } from '../html.js';
import type { Inlined } from '../inline.js';
import type { ReportHead } from '../model.js';
import type { ColumnTotals } from '../totals.js';
import { renderSummary } from './summary.js';
import { renderToolbar, type ToolbarParts } from './toolbar.js';

/** A page around its rows: what comes before them and after. */
export interface PageParts {
  readonly before: Html;
  readonly after: Html;
}

/** What the rows turned out to hold: decides which switches and keys the page shows. */
export interface SeenParts extends Omit<ToolbarParts, 'truth'> {
  readonly slots: ReadonlySet<string>;
}

/**
 * The page without its rows. Its content security policy allows nothing but its own style, its own
 * script (both by hash) and embedded images: no request can leave the page.
 */
export function renderPage(
  head: ReportHead,
  totals: ReadonlyMap<string, ColumnTotals>,
  seen: SeenParts,
  inlined: Inlined,
): PageParts {
  const policy = `default-src 'none'; img-src data:; style-src '${inlined.styleHash}'; script-src '${inlined.scriptHash}'; base-uri 'none'; form-action 'none'`;
  const facts = head.facts.map(
    ([name, value]) =>
      markup`<div>
        <dt>${name}</dt>
        <dd>${value}</dd>
      </div>`,
  );
  const first = head.truth ? 2 : 1;
  const columns = head.columns.map(
    (column, index) =>
      markup`<th scope="col" ${column.summary !== undefined && markup` title="${column.summary}"`}>
        <span class="column">${column.id}</span
        ><label><input type="checkbox" data-masks="${index + first}" checked /> masks</label>
      </th>`,
  );
  const truth = markup`<th scope="col">
    <span class="column">ground truth</span
    ><label><input type="checkbox" data-masks="1" checked /> masks</label>
  </th>`;
  return {
    before: markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="maskloom">
<title>${head.title}</title>
<style>${inlined.style}</style>
</head>
<body>
<header class="top">
<h1>${head.title}</h1>
<dl class="facts">${facts}</dl>
${renderSummary(head, totals, seen.slots)}
<noscript><p class="note">The masks are painted by this page's own script; with scripts switched off only the pictures and texts are shown.</p></noscript>
</header>
<table class="grid">
<thead>
<tr class="tools"><td colspan="${head.columns.length + first}">${renderToolbar({ points: seen.points, maps: seen.maps, truth: head.truth })}</td></tr>
<tr class="columns"><th scope="col" class="source">image</th>${head.truth && truth}${columns}</tr>
</thead>
<tbody>
`,
    after: markup`</tbody>
</table>
<script>${inlined.script}</script>
</body>
</html>
`,
  };
}
