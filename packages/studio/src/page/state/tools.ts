import type { PointerTool } from '@maskloom/report/viewer';
import type { Point, Question, Rectangle, Stroke } from './model.js';
import type { Studio } from './studio.js';

/** What the mouse does on a picture. */
export const TOOLS = [
  ['hand', 'move', 'h'],
  ['point', 'point', 'p'],
  ['box', 'box', 'b'],
  ['outline', 'outline', 'o'],
  ['brush', 'brush', 'r'],
] as const;

/** What the mouse does on a picture. */
export type ToolName = (typeof TOOLS)[number][0];

/** Width of the brush as a share of the picture's longer side. */
const BRUSH = 1 / 24;

/** The tool of a name; none for moving, which the viewer does by itself. */
export function toolOf(
  name: ToolName,
  studio: Studio,
  size: readonly [number, number],
): PointerTool | undefined {
  const change = (made: (question: Question) => Partial<Question>): void => {
    const question = studio.question.peek();
    studio.question.value = { ...question, ...made(question) };
  };
  switch (name) {
    case 'hand':
      return undefined;
    case 'point':
      return pointTool((point) => change(({ points }) => ({ points: [...points, point] })));
    case 'box':
      return boxTool((box, first) =>
        change(({ boxes }) => ({ boxes: [...(first ? boxes : boxes.slice(0, -1)), ...(box ? [box] : [])] })),
      );
    default: {
      const brush = name === 'brush' ? { brush: Math.max(2, Math.round(Math.max(...size) * BRUSH)) } : {};
      return strokeTool(brush, (stroke, first) =>
        change(({ strokes }) => ({ strokes: [...(first ? strokes : strokes.slice(0, -1)), stroke] })),
      );
    }
  }
}

/** A click in the region; with Shift or the right button, outside of it. */
function pointTool(put: (point: Point) => void): PointerTool {
  return {
    down: (x, y, { shiftKey, button }) => put([round(x), round(y), shiftKey || button === 2 ? 0 : 1]),
    move: () => undefined,
    up: () => undefined,
  };
}

/** A box from corner to corner; one that is not a pixel wide and high goes again. */
function boxTool(put: (box: Rectangle | undefined, first: boolean) => void): PointerTool {
  let from: readonly [number, number] = [0, 0];
  const to = (x: number, y: number): Rectangle => [
    round(Math.min(from[0], x)),
    round(Math.min(from[1], y)),
    round(Math.abs(x - from[0])),
    round(Math.abs(y - from[1])),
  ];
  return {
    down(x, y) {
      from = [x, y];
      put(to(x, y), true);
    },
    move: (x, y) => put(to(x, y), false),
    up(x, y) {
      const box = to(x, y);
      put(box[2] >= 1 && box[3] >= 1 ? box : undefined, false);
    },
  };
}

function strokeTool(
  brush: Pick<Stroke, 'brush'>,
  put: (stroke: Stroke, first: boolean) => void,
): PointerTool {
  let xy: number[] = [];
  return {
    down(x, y) {
      xy = [round(x), round(y)];
      put({ ...brush, xy }, true);
    },
    move(x, y) {
      xy = [...xy, round(x), round(y)];
      put({ ...brush, xy }, false);
    },
    up: () => undefined,
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Takes the last mark back. */
export function undoMark(studio: Studio): void {
  const question = studio.question.peek();
  for (const kind of ['strokes', 'boxes', 'points'] as const) {
    if (question[kind].length === 0) continue;
    studio.question.value = { ...question, [kind]: question[kind].slice(0, -1) };
    return;
  }
}
