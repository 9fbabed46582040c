import { describe, expect, it } from 'vitest';
import { linePlot } from './line-plot.js';

describe('linePlot', () => {
  const ticks = (ys: readonly number[]): number[] => {
    const { text } = linePlot({
      title: 't',
      xLabel: 'x',
      yLabel: 'y',
      lines: [{ name: 'a', points: ys.map((y, x) => ({ x, y })) }],
    });
    return [...text.matchAll(/text-anchor="end">([^<]*)</g)].map((match) => Number(match[1]));
  };

  it('has no axis below 0 where no figure is', () => {
    expect(Math.min(...ticks([0, 0]))).toBe(0);
    expect(Math.min(...ticks([1, 60]))).toBe(0);
    expect(Math.min(...ticks([-2, 3]))).toBeLessThan(-2);
  });
});
