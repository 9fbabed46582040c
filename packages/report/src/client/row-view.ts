import { createCellView, type CellView, type RowScene, type SceneImage } from './cell-view.js';
import type { CellData } from './data.js';
import { bindGestures } from './gestures.js';
import { inPieces } from './in-pieces.js';
import { buildLayer, buildLayers, type Layer } from './layers.js';
import { NO_MARKS, type Marks } from './marks.js';
import type { PointerTool } from './pointer-tool.js';
import { bindLegend } from './legend.js';
import type { SettingsStore } from './settings.js';
import { FIT, type Viewport } from './viewport.js';

/** One image through several systems: cells that zoom and pan together. */
export interface RowView {
  readonly cells: readonly CellView[];
  view: Viewport;
  cursor: readonly [number, number] | undefined;
  cursorColumn: number;
  /** What a person points at. */
  marks: Marks;
  /** Takes the pointer over from panning. */
  tool: PointerTool | undefined;
  scene(): RowScene;
  /** Takes a `.view` element in and paints it; nothing when it has no canvas. */
  add(element: HTMLElement, data?: CellData): CellView | undefined;
  /** Shows other masks in a cell, decoded a few at a time; `shown` is told when they are there. */
  show(cell: CellView, data: CellData, shown?: () => void): void;
  /** Connects the list of segments below a cell, once it is on the page. */
  list(cell: CellView): void;
  /** Lets a cell go. */
  remove(cell: CellView): void;
  /** Asks for a repaint of every cell at the next frame: many masks as the sheet they are on, and sharply at rest. */
  refresh(): void;
  /** Ends listening to settings and sizes. */
  close(): void;
}

/** A picture rests when nothing moved it for so long, in milliseconds. */
const REST_MS = 120;

/**
 * A row without cells yet.
 * @param image - the picture under the masks
 * @param size - height and width of the original image, the frame of masks, points and maps
 * @param store - what is shown; a change repaints
 */
export function createRowView(
  image: SceneImage,
  size: readonly [number, number],
  store: SettingsStore,
): RowView {
  const cells: CellView[] = [];
  const picture = [image.width, image.height] as const;
  const resized = new ResizeObserver(() => row.refresh());
  const decoding = inPieces(4);
  const resting = inPieces(17);
  let queued = false;
  let rest = 0;
  /** Sheets of many masks are brought up to date, and masks painted one by one where theirs is too coarse. */
  const settle = (): void => {
    for (const cell of cells) {
      const scene = row.scene();
      const pieces = [...cell.prepare(scene, store.values), ...cell.sharpen(scene, size)];
      const sharp = cell.blurred(scene);
      if (pieces.length > 0 || sharp)
        resting.add([...pieces, () => cell.paint(row.scene(), store.values, sharp)]);
    }
  };
  const row: RowView = {
    cells,
    view: FIT,
    cursor: undefined,
    cursorColumn: -1,
    marks: NO_MARKS,
    tool: undefined,
    scene: () => ({
      image,
      shrink: image.width / size[1],
      view: row.view,
      truth: cells.find(({ element }) => element.dataset['kind'] === 'truth')?.layers ?? [],
      cursor: row.cursor,
      cursorColumn: row.cursorColumn,
      marks: row.marks,
    }),
    add(element, data) {
      const cell = createCellView(element);
      if (cell === undefined) return undefined;
      cells.push(cell);
      if (data !== undefined) cell.layers = buildLayers(data, size, picture);
      bindGestures(cell, row, picture);
      row.list(cell);
      resized.observe(element);
      row.refresh();
      return cell;
    },
    show(cell, data, shown) {
      const layers: Layer[] = [];
      decoding.add([
        ...data.segments.map((segment) => () => void layers.push(buildLayer(segment, size, picture))),
        () => {
          if (!cells.includes(cell)) return;
          cell.layers = layers;
          cell.hovered = -1;
          decoding.add([
            ...cell.prepare(row.scene(), store.values),
            () => {
              cell.paint(row.scene(), store.values);
              shown?.();
            },
          ]);
        },
      ]);
    },
    list: (cell) => bindLegend(cell, row),
    remove(cell) {
      const at = cells.indexOf(cell);
      if (at >= 0) cells.splice(at, 1);
      resized.unobserve(cell.element);
    },
    refresh() {
      if (queued) return;
      queued = true;
      requestAnimationFrame(() => {
        queued = false;
        const scene = row.scene();
        for (const cell of cells) cell.paint(scene, store.values);
        window.clearTimeout(rest);
        resting.clear();
        rest = window.setTimeout(settle, REST_MS);
      });
    },
    close() {
      forget();
      window.clearTimeout(rest);
      resting.clear();
      decoding.clear();
      resized.disconnect();
    },
  };
  const forget = store.listen(() => row.refresh());
  return row;
}
