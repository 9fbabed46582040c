import { markup, type Html } from '../html.js';

// Drawn here: Observable Plot brings all of d3 and needs a DOM, Vega some forty packages, for lines with intervals in static SVG.

/** One line of a plot: points by rising x, and how far each is uncertain. */
export interface PlotLine {
  /** What the legend calls it. */
  readonly name: string;
  /** By rising x. */
  readonly points: readonly {
    /** On the horizontal axis. */
    readonly x: number;
    /** On the vertical axis. */
    readonly y: number;
    /** Lower end of its interval, in the unit of y. */
    readonly low?: number;
    /** Upper end of its interval, in the unit of y. */
    readonly high?: number;
  }[];
  /** Drawn dashed: a paper's figures. */
  readonly dashed?: boolean;
}

/** What a plot shows. */
export interface PlotOptions {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly PlotLine[];
  /** [low, high] of the vertical axis; around the points when absent, not below 0 where none of them is. */
  readonly yRange?: readonly [number, number];
}

const WIDTH = 460;
const HEIGHT = 300;
const LEFT = 52;
const RIGHT = 12;
const TOP = 14;
const BOTTOM = 40;
/** Okabe and Ito's colours, told apart with any colour vision. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#7f7f7f', '#b3a100'];

/** A line plot as inline SVG, with its legend. */
export function linePlot({ title, xLabel, yLabel, lines, yRange }: PlotOptions): Html {
  const points = lines.flatMap((line) => line.points);
  const xs = range(points.map(({ x }) => x));
  const ys = yRange ?? padded(range(points.flatMap(({ y, low = y, high = y }) => [y, low, high])));
  const at = scale(xs, ys);
  return markup`<figure class="plot"><figcaption>${title}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
${axes(xs, ys, xLabel, yLabel)}
${lines.map((line, i) => drawLine(line, COLOURS[i % COLOURS.length] ?? '#000', at))}
</svg>
<ul class="legend">${lines.map(
    ({ name, dashed = false }, i) =>
      markup`<li><span style="border-top:3px ${dashed ? 'dashed' : 'solid'} ${COLOURS[i % COLOURS.length] ?? ''}"></span>${name}</li>`,
  )}</ul></figure>`;
}

type Place = (x: number, y: number) => readonly [number, number];

function drawLine({ points, dashed = false }: PlotLine, colour: string, at: Place): Html {
  const path = points
    .map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${at(x, y).map(digits).join(' ')}`)
    .join('');
  const whiskers = points.filter(({ low, high }) => low !== undefined && high !== undefined);
  return markup`<g stroke="${colour}" fill="${colour}"><path d="${path}" fill="none" stroke-width="2" ${dashed && markup`stroke-dasharray="5 4"`}/>
${points.length <= 30 && points.map(({ x, y }) => dot(at(x, y)))}
${whiskers.map(({ x, low = 0, high = 0 }) => {
  const [px, top] = at(x, high);
  return markup`<path d="M${digits(px)} ${digits(top)}V${digits(at(x, low)[1])}" stroke-width="1"/>`;
})}</g>`;
}

function dot([x, y]: readonly [number, number]): Html {
  return markup`<circle cx="${digits(x)}" cy="${digits(y)}" r="3"/>`;
}

function axes(
  xs: readonly [number, number],
  ys: readonly [number, number],
  xLabel: string,
  yLabel: string,
): Html {
  const at = scale(xs, ys);
  const bottom = HEIGHT - BOTTOM;
  return markup`<g class="axes" stroke="currentColor" fill="none" opacity=".5"><path d="M${LEFT} ${TOP}V${bottom}H${WIDTH - RIGHT}"/></g>
<g font-size="11" fill="currentColor">
${ticks(xs).map((x) => markup`<text x="${digits(at(x, ys[0])[0])}" y="${bottom + 15}" text-anchor="middle">${tick(x)}</text>`)}
${ticks(ys).map((y) => markup`<text x="${LEFT - 6}" y="${digits(at(xs[0], y)[1] + 4)}" text-anchor="end">${tick(y)}</text>`)}
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">${xLabel}</text>
<text transform="translate(12 ${(TOP + bottom) / 2}) rotate(-90)" text-anchor="middle">${yLabel}</text></g>`;
}

function scale(xs: readonly [number, number], ys: readonly [number, number]): Place {
  const along = (value: number, [low, high]: readonly [number, number]): number =>
    high === low ? 0.5 : (value - low) / (high - low);
  return (x, y) => [
    LEFT + along(x, xs) * (WIDTH - LEFT - RIGHT),
    HEIGHT - BOTTOM - along(y, ys) * (HEIGHT - TOP - BOTTOM),
  ];
}

function range(values: readonly number[]): readonly [number, number] {
  return values.length === 0 ? [0, 1] : [Math.min(...values), Math.max(...values)];
}

function padded([low, high]: readonly [number, number]): readonly [number, number] {
  const more = (high - low) * 0.05 || 1;
  // A share has no values below 0 to show.
  return [low >= 0 ? Math.max(0, low - more) : low - more, high + more];
}

/** Five even steps. */
function ticks([low, high]: readonly [number, number]): readonly number[] {
  return low === high ? [low] : [0, 1, 2, 3, 4].map((i) => low + ((high - low) * i) / 4);
}

function tick(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function digits(value: number): string {
  return value.toFixed(1);
}
