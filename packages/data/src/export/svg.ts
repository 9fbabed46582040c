import { hexColour } from './colours.js';
import { maskPolygons, type PolygonOptions } from './polygons.js';
import { checkSizes, type ExportImage } from './results.js';

/**
 * Masks as an SVG of the image's size: a path per mask in their order, filled by the even-odd rule in the colour of its class
 * (PASCAL VOC's table, class numbers from 1), with its name and score as title and as `data-` attributes.
 * @param classOf - the number of a label, 1 and up
 * @throws MaskloomError `MASK_INVALID`
 */
export function maskSvg(
  image: ExportImage,
  classOf: (label: string) => number,
  options: PolygonOptions = {},
): string {
  checkSizes(image);
  const { width, height, segments } = image;
  const paths = segments.map(({ label, score, mask }) => {
    const outlines = maskPolygons(mask, options).flatMap(({ outer, holes }) => [outer, ...holes]);
    const name = escaped(label);
    return [
      `<path fill="${hexColour(classOf(label) % 256)}" d="${outlines.map(pathOf).join('')}" data-label="${name}" data-score="${score}">`,
      `<title>${name} ${score}</title></path>`,
    ].join('');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<g fill-rule="evenodd" fill-opacity="0.6">
${paths.join('\n')}
</g>
</svg>
`;
}

function pathOf(corners: readonly number[]): string {
  const points: string[] = [];
  for (let i = 0; i < corners.length; i += 2) points.push(`${corners[i]} ${corners[i + 1]}`);
  return `M${points.join('L')}Z`;
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for an attribute or a title; what XML 1.0 forbids becomes a visible replacement. */
function escaped(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\p{Surrogate}]/gu, '\ufffd')
    .replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character);
}
