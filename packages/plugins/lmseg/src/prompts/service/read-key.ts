import { MaskloomError } from '@maskloom/core';

/**
 * A service's key from the environment, without the blanks and line ends that files leave around it.
 * @param variable - the variable's name
 * @returns nothing when it is not set or empty
 * @throws MaskloomError OPTION_INVALID when it cannot be sent; the key itself is not in the message
 */
export function readKey(variable: string): string | undefined {
  const key = process.env[variable]?.trim();
  if (key === undefined || key === '') return undefined;
  // What a header may hold: anything else is refused by the client, with the whole key in its message.
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new MaskloomError('OPTION_INVALID', 'The key holds characters that cannot be sent.', {
    where: `environment variable ${variable}`,
    hint: 'Set it to the key alone: no blanks, quotes or line ends within it.',
  });
}
