import type { ImageFrame } from '../domain/image-frame.js';
import type { Prediction } from '../domain/prediction.js';
import { REFINE_SITUATIONS } from '../domain/refinement.js';
import { MaskloomError } from '../errors/maskloom-error.js';
import { suggest } from '../errors/nearest.js';
import { checkBox } from '../pipeline/check-prompts.js';
import type { RefineInstruction } from '../slots/refiner.js';

/**
 * Checks an instruction against the image and the prediction it is about.
 * @throws MaskloomError VALUE_INVALID naming the field
 */
export function checkInstruction(
  image: ImageFrame,
  prediction: Prediction,
  instruction: RefineInstruction,
): void {
  const { say, box, segment, situation } = instruction;
  if (say.trim() === '')
    throw invalid('instruction.say', 'An instruction needs words.', 'Say e.g. "the mask is incomplete".');
  if (situation !== undefined && !REFINE_SITUATIONS.includes(situation)) {
    throw invalid(
      'instruction.situation',
      `There is no situation '${String(situation)}'.`,
      suggest(situation, REFINE_SITUATIONS),
    );
  }
  const count = prediction.segments.length;
  if (segment !== undefined && !(Number.isInteger(segment) && segment >= 0 && segment < count)) {
    throw invalid(
      'instruction.segment',
      `There is no segment ${segment}.`,
      count === 0 ? 'The prediction has none.' : `Segments count from 0 to ${count - 1}.`,
    );
  }
  if (box !== undefined) checkBox(box, image, 'instruction.box');
  prediction.segments.forEach(({ mask }, i) => {
    if (mask.size[0] === image.height && mask.size[1] === image.width) return;
    throw invalid(
      `prediction.segments[${i}]`,
      `The mask of segment ${i} is ${mask.size[1]} x ${mask.size[0]}, the image ${image.width} x ${image.height}.`,
      'Refine a prediction on the image it was made from.',
    );
  });
}

function invalid(where: string, message: string, hint: string | undefined): MaskloomError {
  return new MaskloomError('VALUE_INVALID', message, { where, ...(hint === undefined ? {} : { hint }) });
}
