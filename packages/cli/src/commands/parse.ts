import { DEVICE_CHOICES, MaskloomError, suggest, type DeviceChoice, type Task } from '@maskloom/core';

/** Every task that a request can name. */
export const TASKS: readonly Task[] = ['referring', 'reasoning', 'free', 'semantic', 'instance', 'prompted'];

/** `a,b,c` as a list without blanks. */
export function parseList(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** @throws MaskloomError OPTION_INVALID naming the nearest task */
export function parseTask(text: string): Task {
  const task = TASKS.find((one) => one === text);
  if (task !== undefined) return task;
  throw new MaskloomError('OPTION_INVALID', `There is no task '${text}'.`, {
    where: '--task',
    hint: suggest(text, TASKS),
  });
}

/** @throws MaskloomError DEVICE_UNKNOWN naming the nearest device */
export function parseDevice(text: string): DeviceChoice {
  const device = DEVICE_CHOICES.find((one) => one === text);
  if (device !== undefined) return device;
  throw new MaskloomError('DEVICE_UNKNOWN', `There is no device '${text}'.`, {
    where: '--device',
    hint: suggest(text, DEVICE_CHOICES),
  });
}

/**
 * A whole number within limits.
 * @throws MaskloomError OPTION_INVALID
 */
export function parseWhole(option: string, least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isSafeInteger(value) && value >= least) return value;
    throw new MaskloomError('OPTION_INVALID', `'${text}' is not a whole number of at least ${least}.`, {
      where: option,
    });
  };
}

/**
 * `4`, or `1..512`: least and most, at least 1.
 * @throws MaskloomError OPTION_INVALID
 */
export function parseRange(option: string): (text: string) => readonly [number, number] {
  const whole = parseWhole(option, 1);
  return (text) => {
    const [least = '', most = least] = text.split('..');
    const range = [whole(least), whole(most)] as const;
    if (range[0] <= range[1]) return range;
    throw new MaskloomError('OPTION_INVALID', `'${text}' is no range.`, {
      where: option,
      hint: 'Write 1..512.',
    });
  };
}

/**
 * `128` or `160x96` (width x height) in pixels.
 * @throws MaskloomError OPTION_INVALID
 */
export function parseSize(text: string): { readonly width: number; readonly height: number } {
  const match = /^(\d{1,5})(?:x(\d{1,5}))?$/.exec(text);
  if (match === null) {
    throw new MaskloomError('OPTION_INVALID', `'${text}' is not a size.`, {
      where: '--size',
      hint: 'Write 128, or 160x96 for width x height.',
    });
  }
  const width = Number(match[1]);
  return { width, height: match[2] === undefined ? width : Number(match[2]) };
}
