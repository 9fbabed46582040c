import { figuresOf } from '../state/figures.js';
import type { AnswerScore } from '../state/model.js';
import type { Studio } from '../state/studio.js';

/** Which mask of an answer fits the truth best; its IoU as a whole stands in the viewer's own line. */
export function Score({ score: { best } }: { readonly score: AnswerScore }) {
  if (best === undefined) return null;
  return (
    <p class="agrees">
      best mask: IoU {best.iou.toFixed(2)}
      {best.with !== undefined && ` with ${best.with}`}
    </p>
  );
}

/** gIoU of every system over the questions that were asked and whose answer is known. */
export function Figures({ studio }: { readonly studio: Studio }) {
  const figures = figuresOf(studio.history.value);
  if (figures.length === 0) return null;
  return (
    <dl class="figures" aria-label="gIoU over the questions asked">
      {figures.map(({ name, mean, count }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            gIoU {mean.toFixed(3)} over {count} {count === 1 ? 'question' : 'questions'}
          </dd>
        </div>
      ))}
    </dl>
  );
}
