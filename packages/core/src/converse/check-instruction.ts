import { MaskloomError, suggest } from '@maskloom/masks';
import type { ImageFrame } from '../domain/image-frame.js';
import type { Prediction } from '../domain/prediction.js';
import { EDIT_SITUATIONS, REFINE_SITUATIONS, type Situation } from '../domain/refinement.js';
import { checkBox } from '../pipeline/check-prompts.js';
import type { TurnInstruction } from './instruction.js';

const SITUATIONS: readonly Situation[] = [...REFINE_SITUATIONS, ...EDIT_SITUATIONS];

/**
 * Checks an instruction against the image and the prediction it is about.
 * @throws MaskloomError VALUE_INVALID naming the field
 */
export function checkInstruction(
  image: ImageFrame,
  prediction: Prediction,
  instruction: TurnInstruction,
): void {
  const { say, box, segment, segments = [], situation } = instruction;
  if (say.trim() === '')
    throw invalid('instruction.say', 'An instruction needs words.', 'Say e.g. "the mask is incomplete".');
  if (situation !== undefined && !SITUATIONS.includes(situation)) {
    throw invalid(
      'instruction.situation',
      `There is no situation '${String(situation)}'.`,
      suggest(situation, SITUATIONS),
    );
  }
  const count = prediction.segments.length;
  for (const index of segment === undefined ? segments : [segment, ...segments]) {
    if (Number.isInteger(index) && index >= 0 && index < count) continue;
    throw invalid(
      segment === undefined ? 'instruction.segments' : 'instruction.segment',
      `There is no segment ${index}.`,
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
