import type { Box, Size } from '../domain/frames.js';
import type { SegmentRequest } from '../domain/prediction.js';

type Warn = (message: string) => void;

/**
 * A request whose boxes end where the image ends: a model that is asked about places outside answers something.
 * @param request - checked: every box touches the image
 * @param warn - told of every box that is cut
 */
export function cutRequest(image: Size, request: SegmentRequest, warn: Warn): SegmentRequest {
  if (request.prompts?.some(({ box }) => box !== undefined) !== true) return request;
  const prompts = request.prompts.map((prompt, i) =>
    prompt.box === undefined
      ? prompt
      : { ...prompt, box: cutBox(image, prompt.box, `request.prompts[${i}].box`, warn) },
  );
  return { ...request, prompts };
}

/** An instruction whose box ends where the image ends, as `cutRequest`. */
export function cutInstruction<I extends { readonly box?: Box<'ImagePx'> }>(
  image: Size,
  instruction: I,
  warn: Warn,
): I {
  const { box } = instruction;
  return box === undefined
    ? instruction
    : { ...instruction, box: cutBox(image, box, 'instruction.box', warn) };
}

function cutBox(image: Size, box: Box<'ImagePx'>, where: string, warn: Warn): Box<'ImagePx'> {
  const [x, y] = [Math.max(0, box.x), Math.max(0, box.y)];
  const width = Math.min(image.width, box.x + box.width) - x;
  const height = Math.min(image.height, box.y + box.height) - y;
  if (x === box.x && y === box.y && x + box.width <= image.width && y + box.height <= image.height)
    return box;
  warn(
    `${where} leaves the image, ${image.width} x ${image.height}: cut to ${[x, y, width, height].join(', ')}.`,
  );
  return { ...box, x, y, width, height };
}
