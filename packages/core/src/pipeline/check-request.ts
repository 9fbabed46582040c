import { MaskloomError, suggest } from '@maskloom/masks';
import type { ImageFrame } from '../domain/image-frame.js';
import type { SegmentRequest, Task } from '../domain/prediction.js';
import { checkPrompts } from './check-prompts.js';

/**
 * Checks a request against a recipe's tasks, and the image's own consistency.
 * @throws MaskloomError TASK_UNSUPPORTED, VALUE_INVALID
 */
export function checkRequest(
  image: ImageFrame,
  request: SegmentRequest,
  tasks: readonly Task[],
  id: string,
): void {
  if (!tasks.includes(request.task)) {
    throw new MaskloomError('TASK_UNSUPPORTED', `${id} cannot do the task '${request.task}'.`, {
      where: id,
      hint: suggest(request.task, tasks),
    });
  }
  const asks = request.task === 'referring' || request.task === 'reasoning';
  if (asks && (request.text ?? '').trim() === '') {
    throw new MaskloomError('VALUE_INVALID', `The task '${request.task}' needs a text.`, {
      where: 'request.text',
      hint: 'Say what to segment, e.g. text: "the red mug on the left".',
    });
  }
  const { width, height, rgb } = image;
  const whole = Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0;
  if (!whole || rgb.length !== width * height * 3) {
    throw new MaskloomError(
      'VALUE_INVALID',
      `An image of ${width} x ${height} pixels cannot have ${rgb.length} RGB bytes.`,
      {
        where: 'image',
        hint: 'Load images with loadImage() of @maskloom/runtime.',
      },
    );
  }
  checkPrompts(image, request.prompts, request.task);
}
