import { MaskloomError } from '@maskloom/masks';

/**
 * Checks the name of a stage.
 * @throws MaskloomError VALUE_INVALID when it is not `package/stage` in kebab-case
 */
export function checkStageName(name: string, slot: string): void {
  if (/^[a-z0-9][a-z0-9-]*\/[a-z0-9][a-z0-9-]*$/.test(name)) return;
  throw new MaskloomError('VALUE_INVALID', `A stage cannot be called '${name}'.`, {
    where: slot,
    hint: "Use 'package/stage' in kebab-case, e.g. 'my-points/grid'.",
  });
}
