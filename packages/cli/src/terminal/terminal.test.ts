import { MaskloomError } from '@maskloom/core';
import { describe, expect, it } from 'vitest';
import { describeFailure, exitCodeOf } from './failure.js';
import { totalsTable } from './show-comparison.js';

describe('failures', () => {
  it('are one line with code, message and hint', () => {
    const error = new MaskloomError('IMAGE_EMPTY', 'The image\nis empty.', {
      where: 'a.png',
      hint: 'Save it again.',
    });
    expect(describeFailure(error)).toBe('IMAGE_EMPTY: The image is empty. (at a.png) Save it again.');
    expect(describeFailure(new TypeError('x'))).toBe('INTERNAL: x');
  });

  it('exit with 2 when the command was called wrongly, else with 1', () => {
    expect(exitCodeOf(new MaskloomError('DEVICE_UNKNOWN', ''))).toBe(2);
    expect(exitCodeOf(new MaskloomError('DEVICE_UNAVAILABLE', ''))).toBe(1);
    expect(exitCodeOf(new Error())).toBe(1);
  });
});

describe('totalsTable', () => {
  it('shows agreement only where there is ground truth, and says that it is synthetic', () => {
    const plain = { recipe: 'read/full', images: 3, refusals: 1, empties: 2, meanMs: 4.26 };
    expect(totalsTable([plain])).toBe(
      'recipe     images  mean ms  refused  empty\nread/full       3      4.3        1      2\n',
    );
    expect(totalsTable([{ ...plain, cumulativeIou: 0.5 }])).toContain('cIoU (synthetic)');
  });
});
