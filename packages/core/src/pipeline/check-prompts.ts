import { MaskloomError } from '@maskloom/masks';
import type { Box, PointSet, Size } from '../domain/frames.js';
import type { SpatialPrompt, Task } from '../domain/prediction.js';

/**
 * Checks the prompts of a request: each with a box or points (or, where objects are proposed and not prompted, a mask
 * of the image's size), in ImagePx, finite, and touching the image. A `prompted` request has at least one; for other
 * tasks no prompt means no restriction.
 * @throws MaskloomError VALUE_INVALID naming the prompt
 */
export function checkPrompts(
  image: Size,
  prompts: readonly SpatialPrompt[] | undefined,
  task: Task = 'prompted',
): void {
  if (prompts === undefined || prompts.length === 0) {
    if (task !== 'prompted') return;
    throw new MaskloomError('VALUE_INVALID', "The task 'prompted' needs prompts.", {
      where: 'request.prompts',
      hint: 'Give a box or points per region, in pixels of the image.',
    });
  }
  prompts.forEach(({ box, points, mask }, i) => {
    const where = `request.prompts[${i}]`;
    const masked = mask !== undefined && task !== 'prompted';
    if (!masked && box === undefined && (points === undefined || points.labels.length === 0))
      throw invalid(where, 'has neither a box nor a point', 'Give every prompt at least one of them.');
    if (box !== undefined) checkBox(box, image, `${where}.box`);
    if (points !== undefined) checkPoints(points, image, `${where}.points`);
    if (mask !== undefined && (mask.size[0] !== image.height || mask.size[1] !== image.width))
      throw invalid(
        `${where}.mask`,
        `has a mask of ${mask.size[1]} x ${mask.size[0]} pixels`,
        `Give it the size of the image, ${image.width} x ${image.height}.`,
      );
  });
}

/**
 * Checks a box: in ImagePx, finite, of a positive size, touching the image.
 * @throws MaskloomError VALUE_INVALID naming `where`
 */
export function checkBox(box: Box<'ImagePx'>, image: Size, where: string): void {
  checkFrame(box.frame, where);
  const { x, y, width, height } = box;
  if (![x, y, width, height].every(Number.isFinite) || width <= 0 || height <= 0)
    throw invalid(
      where,
      `is ${width} x ${height} at ${x}, ${y}`,
      'A box is x, y, width, height with a positive size.',
      'A box',
    );
  if (x >= image.width || y >= image.height || x + width <= 0 || y + height <= 0)
    throw outside(where, image, 'A box');
}

function checkPoints({ frame, xy, labels }: PointSet<'ImagePx'>, image: Size, where: string): void {
  checkFrame(frame, where);
  if (xy.length !== 2 * labels.length)
    throw invalid(
      where,
      `has ${xy.length} coordinates for ${labels.length} labels`,
      'Give x and y for every label.',
    );
  labels.forEach((label, p) => {
    if (label < -1 || label > 1)
      throw invalid(
        where,
        `has the label ${label}`,
        'Labels are 1 (inside), 0 (outside) and -1 (not a point).',
      );
    const [x = NaN, y = NaN] = [xy[2 * p], xy[2 * p + 1]];
    if (!Number.isFinite(x) || !Number.isFinite(y))
      throw invalid(where, `has a point at ${x}, ${y}`, 'Give numbers.');
    if (label !== -1 && (x < -0.5 || y < -0.5 || x > image.width || y > image.height))
      throw outside(where, image);
  });
}

function checkFrame(frame: string, where: string): void {
  if (frame !== 'ImagePx')
    throw invalid(where, `is in frame ${frame}`, 'Requests are in pixels of the image: ImagePx.');
}

function outside(where: string, { width, height }: Size, subject?: string): MaskloomError {
  return invalid(
    where,
    `lies outside of the image, ${width} x ${height}`,
    'x goes right and y down from the top left.',
    subject,
  );
}

function invalid(where: string, what: string, hint: string, subject = 'A prompt'): MaskloomError {
  return new MaskloomError('VALUE_INVALID', `${subject} ${what}.`, { where, hint });
}
