import { MaskloomError } from '@maskloom/core';

/**
 * Refuses to touch a file that a later version wrote: it would be overwritten by what knows less.
 * @param schema - as the file says, e.g. `maskloom.run/2`
 * @param family - its part before the number
 * @param known - the latest number that this version writes
 * @throws MaskloomError `RUN_INVALID`
 */
export function refuseNewer(schema: unknown, family: string, known: number, where: string): void {
  if (typeof schema !== 'string' || !schema.startsWith(family)) return;
  if (!(Number(schema.slice(family.length)) > known)) return;
  throw new MaskloomError('RUN_INVALID', `The run was written by a later version of Maskloom (${schema}).`, {
    where,
    hint: 'Install that version to go on with it, or give a new folder to --out.',
  });
}
