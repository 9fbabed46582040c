import { MaskloomError, type MaskPrompt } from '@maskloom/core';

/** Labels that SAM's prompt encoder gives a meaning of their own. */
const PAD = -1;
const BOX_TOP_LEFT = 2;
const BOX_BOTTOM_RIGHT = 3;

/** The point-like part of one prompt as the decoder's graph takes it. */
export interface PointTokens {
  /** Interleaved x, y in SamPx, before SAM's own +0.5; length 2 P. */
  readonly xy: Float32Array;
  /** Length P: 1 positive, 0 negative, -1 not a point, 2 and 3 the corners of a box. */
  readonly labels: Int8Array;
}

/**
 * Points, then the box as its two corners; points without a box are followed by SAM's pad point
 * (0, 0, label -1), because the prompt encoder was trained with one there. An embedding alone has no pad.
 * @param padAfterBox - true for SAM 2, whose prompt encoder was trained with a pad point behind boxes too
 * @throws MaskloomError `VALUE_INVALID` for points or boxes in another frame, or of inconsistent length
 */
export function pointTokens(prompt: MaskPrompt, padAfterBox = false): PointTokens {
  const { points, box } = prompt;
  for (const part of [points, box]) {
    if (part !== undefined && part.frame !== 'SamPx') {
      throw new MaskloomError(
        'VALUE_INVALID',
        `A mask prompt is in frame ${String(part.frame)}, not SamPx.`,
        {
          where: 'sam/mask-decoder',
          hint: "Bring points and boxes into SAM's frame with toFrame(value, features.transform).",
        },
      );
    }
  }
  if (points !== undefined && points.xy.length !== 2 * points.labels.length) {
    throw new MaskloomError(
      'VALUE_INVALID',
      `${points.xy.length} coordinates for ${points.labels.length} point labels.`,
      {
        where: 'sam/mask-decoder',
        hint: 'Give x and y for every label.',
      },
    );
  }
  const xy = points === undefined ? [] : [...points.xy];
  const labels: number[] = points === undefined ? [] : [...points.labels];
  if (box !== undefined) {
    xy.push(box.x, box.y, box.x + box.width, box.y + box.height);
    labels.push(BOX_TOP_LEFT, BOX_BOTTOM_RIGHT);
  }
  if (labels.length > 0 && (box === undefined || padAfterBox)) {
    xy.push(0, 0);
    labels.push(PAD);
  }
  return { xy: Float32Array.from(xy), labels: Int8Array.from(labels) };
}
