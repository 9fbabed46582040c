import type { Html } from '@maskloom/report';
import type { Table } from '../tables/table.js';
import type { SubjectScores } from './image-scores.js';
import { linePlot, type PlotLine } from '@maskloom/report';

/** Sides of targets, as the square root of their share of the image, that part the size classes. */
const SIZES = [0, 0.1, 0.2, 0.3, 0.45, 1] as const;

/** Plots of a table against a quantity, such as the number of points; one per line of its columns. */
export function tablePlots({ columns, rows }: Table): readonly Html[] {
  const names = new Set(columns.flatMap(({ plot }) => (plot === undefined ? [] : [plot.line])));
  return [...names].map((name) => {
    const shown = columns.flatMap(({ plot }, c) => (plot?.line === name ? [{ ...plot, c }] : []));
    const lines = rows.flatMap((row): PlotLine[] => {
      const measured = shown.flatMap(({ x, c }) => {
        const cell = row.cells[c];
        if (cell === undefined || cell.measured === null) return [];
        const [low, high] = cell.interval ?? [cell.measured, cell.measured];
        return [{ x, y: cell.measured, low, high }];
      });
      const printed = shown.flatMap(({ x, c }) => {
        const paper = row.cells[c]?.paper ?? null;
        return paper === null ? [] : [{ x, y: paper }];
      });
      return [
        ...(measured.length > 0 ? [{ name: row.label, points: measured }] : []),
        ...(printed.length > 0 ? [{ name: `${row.label}, paper`, points: printed, dashed: true }] : []),
      ];
    });
    return linePlot({ title: name, xLabel: shown[0]?.quantity ?? '', yLabel: `${name}, %`, lines });
  });
}

/** How many answers reach each IoU, and the mean IoU by the size of the target. */
export function answerPlots(scores: readonly SubjectScores[], labels: readonly string[]): readonly Html[] {
  const asked = scores.filter(({ ious }) => ious.length > 0);
  if (asked.length === 0) return [];
  const name = ({ subject }: SubjectScores): string => labels[subject] ?? '';
  const thresholds = Array.from({ length: 21 }, (_, i) => i / 20);
  const reached = asked.map((one): PlotLine => {
    const share = (t: number): number => one.ious.filter(({ iou }) => iou >= t).length / one.ious.length;
    return { name: name(one), points: thresholds.map((x) => ({ x, y: 100 * share(x) })) };
  });
  const bySize = asked.map((one): PlotLine => ({
    name: name(one),
    points: SIZES.slice(1).flatMap((high, i) => {
      const low = SIZES[i] ?? 0;
      const inside = one.ious.filter(({ size }) => size > low && size <= high);
      if (inside.length === 0) return [];
      const mean = inside.reduce((sum, { iou }) => sum + iou, 0) / inside.length;
      return [{ x: inside.reduce((sum, { size }) => sum + size, 0) / inside.length, y: 100 * mean }];
    }),
  }));
  return [
    linePlot({
      title: 'Answers that reach an IoU',
      xLabel: 'IoU threshold',
      yLabel: 'answers with a target, %',
      lines: reached,
      yRange: [0, 100],
    }),
    linePlot({
      title: 'Size of the target',
      xLabel: 'side of the target as a share of the image (root of its area)',
      yLabel: 'mean IoU, %',
      lines: bySize,
      yRange: [0, 100],
    }),
  ];
}

/** Average precision by COCO's size classes. */
export function sizePlot(scores: readonly SubjectScores[], labels: readonly string[]): readonly Html[] {
  const lines = scores.flatMap(({ subject, figures }): PlotLine[] => {
    const points = ['APs', 'APm', 'APl'].flatMap((name, x) => {
      const value = figures[name]?.value ?? null;
      return value === null ? [] : [{ x: x + 1, y: 100 * value }];
    });
    return points.length === 0 ? [] : [{ name: labels[subject] ?? '', points }];
  });
  if (lines.length === 0) return [];
  return [
    linePlot({
      title: 'AP by size',
      xLabel: '1 small, 2 medium, 3 large',
      yLabel: 'AP, %',
      lines,
      yRange: [0, 100],
    }),
  ];
}
