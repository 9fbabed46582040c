import type { PointSuggestion } from '../../slots/point-prompter.js';
import { must, mustBeFinite } from '../expectations.js';
import type { Fixture } from '../fixture.js';
import { probe } from '../probe.js';

function checkSuggestion({ points, map }: PointSuggestion, at: Fixture): void {
  const { width, height } = at.image;
  must(points.frame === 'ImagePx', `The points are in ${points.frame}, not ImagePx.`);
  must(
    points.xy.length === points.labels.length * 2,
    `${points.xy.length} coordinates for ${points.labels.length} points.`,
  );
  points.labels.forEach((label, i) => {
    must([1, 0, -1].includes(label), `Point ${i} has label ${label}.`);
    const [x = NaN, y = NaN] = [points.xy[2 * i], points.xy[2 * i + 1]];
    must(
      x >= 0 && x <= width - 1 && y >= 0 && y <= height - 1,
      `Point ${i} at (${x}, ${y}) is outside of the ${width} x ${height} image.`,
    );
  });
  if (map === undefined) return;
  must(
    map.values.length === map.rows * map.columns,
    `The map has ${map.values.length} values for ${map.rows} x ${map.columns}.`,
  );
  mustBeFinite(map.values, 'map');
  const [x, y, w, h] = map.covers;
  const slack = 1;
  must(
    x >= -slack && y >= -slack && x + w <= width + slack && y + h <= height + slack,
    `The map covers [${map.covers.join(', ')}] of a ${width} x ${height} image.`,
  );
}

/** Probe of the slot PointPrompter. */
export const pointPrompterProbe = probe('PointPrompter', {
  call: (stage, at, run) =>
    stage.prompt({ query: at.tensor([1, at.sizes.hidden], 3), imageStates: at.tokens('hidden') }, run),
  check: (suggestion, _stage, at) => checkSuggestion(suggestion, at),
  extra: {
    'survives an image whose states are all alike': async (stage, at, run) => {
      const query = at.tensor([1, at.sizes.hidden], 3);
      checkSuggestion(await stage.prompt({ query, imageStates: at.tokens('hidden', true) }, run), at);
    },
  },
});
