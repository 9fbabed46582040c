import { Html, markup } from '@maskloom/report';
import { tableElement, TABLE_STYLE } from '../tables/html.js';
import type { Table } from '../tables/table.js';
import { tablePlots } from './plots.js';

/** One part and protocol of a run in its report. */
export interface ReportSection {
  readonly id: string;
  readonly title: string;
  /** Pages of overlays: file and what it shows. */
  readonly pages: readonly { readonly file: string; readonly title: string }[];
  readonly plots: readonly Html[];
  /** Names of the subjects, in the order of the values. */
  readonly subjects: readonly string[];
  /** All figures in percent, by name. */
  readonly figures: readonly (readonly [string, readonly (number | null)[]])[];
  readonly headline: string;
  /** Headline figures of every image, the worst first. */
  readonly images: readonly {
    readonly image: string;
    readonly values: readonly (number | null)[];
    readonly page: string | undefined;
  }[];
}

/** What the report's first page shows. */
export interface IndexPage {
  readonly command: string;
  readonly tables: readonly Table[];
  readonly sections: readonly ReportSection[];
  readonly failures: readonly string[];
}

const STYLE = `${TABLE_STYLE}
.plots { display: flex; flex-wrap: wrap; gap: 1rem; }
.plot { margin: 0; width: min(460px, 100%); } .plot svg { width: 100%; height: auto; }
.legend { list-style: none; padding: 0; font-size: .85em; } .legend span { display: inline-block; width: 1.6em; margin-right: .5em; vertical-align: middle; }
details { margin: 1rem 0; } .scores { border-collapse: collapse; font-variant-numeric: tabular-nums; } .scores td, .scores th { padding: .1rem .6rem; text-align: right; border-bottom: 1px solid #8883; }
.scores td:first-child, .scores th:first-child { text-align: left; }
`;

/** The first page: tables, plots, scores by class and image, links to the overlays. No script, no network. */
export function indexPage({ command, tables, sections, failures }: IndexPage): string {
  const policy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";
  return markup`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width"><title>${command}</title><style>${new Html(STYLE)}</style></head>
<body>
<h1>Evaluation</h1>
<p><code>${command}</code></p>
${failures.length > 0 && markup`<h2>Without a result</h2><ul>${failures.map((line) => markup`<li>${line}</li>`)}</ul>`}
${tables.map((table) => markup`${tableElement(table)}<div class="plots">${tablePlots(table)}</div>`)}
${sections.map(section)}
</body>
</html>
`.text;
}

function section({ id, title, pages, plots, subjects, figures, headline, images }: ReportSection): Html {
  const head = subjects.map((name) => markup`<th scope="col">${name}</th>`);
  return markup`<section id="${id}"><h2>${title}</h2>
<ul>${pages.map(({ file, title: shown }) => markup`<li><a href="${file}">${shown}</a></li>`)}</ul>
<div class="plots">${plots}</div>
<details><summary>All figures, by class and kind (%)</summary>
<table class="scores"><thead><tr><th></th>${head}</tr></thead><tbody>
${figures.map(
  ([name, values]) => markup`<tr><td>${name}</td>${values.map(percent)}</tr>
`,
)}</tbody></table></details>
<details><summary>${images.length} images by ${headline}, the worst first (%)</summary>
<table class="scores"><thead><tr><th>image</th>${head}</tr></thead><tbody>
${images.map(
  ({ image, values, page }) =>
    markup`<tr><td>${page === undefined ? image : markup`<a href="${page}">${image}</a>`}</td>${values.map(percent)}</tr>
`,
)}</tbody></table></details></section>`;
}

function percent(value: number | null): Html {
  return markup`<td>${value === null ? '-' : (100 * value).toFixed(1)}</td>`;
}
