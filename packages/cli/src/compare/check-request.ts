import { MaskloomError, type Task } from '@maskloom/core';

/**
 * Checks that a command line gives what its task needs, before anything is loaded.
 * @throws MaskloomError OPTION_INVALID naming the missing option
 */
export function checkRequest(
  task: Task,
  given: {
    readonly text?: string;
    readonly prompts?: readonly unknown[];
    readonly boxes?: readonly unknown[];
  },
): void {
  if ((task === 'referring' || task === 'reasoning') && given.text === undefined) {
    throw new MaskloomError('OPTION_INVALID', `The task '${task}' needs a text.`, {
      where: '--text',
      hint: 'Say what to segment, e.g. --text "the red mug on the left". Systems like rose also find everything with --task free.',
    });
  }
  if (task === 'prompted' && (given.prompts ?? given.boxes ?? []).length === 0) {
    throw new MaskloomError('OPTION_INVALID', "The task 'prompted' needs a box or a point.", {
      where: '--box',
      hint: 'Point at what to segment, e.g. --box 10,20,40,30.',
    });
  }
}
