import { MaskloomError, suggest } from '@maskloom/core';
import { HUB_DTYPES, hubBundle, type HubBundleOptions } from '@maskloom/hub';
import type { BundleSource } from '@maskloom/runtime';

const PREFIX = 'hub:';

/** Whether a bundle's name is that of a repository of a model hub. */
export function isHubName(text: string): boolean {
  return text.startsWith(PREFIX);
}

/**
 * The bundle that `hub:owner/name`, `hub:owner/name@revision` or either with `:dtype` behind it stands for.
 * @param text - what `--bundle` was given
 * @returns `undefined` for a text without `hub:`
 * @throws MaskloomError VALUE_INVALID, OPTION_INVALID naming the nearest form of weights
 */
export function hubSource(
  text: string | undefined,
  options: HubBundleOptions = {},
): BundleSource | undefined {
  if (text === undefined || !isHubName(text)) return undefined;
  const [name = '', dtype] = text.slice(PREFIX.length).split(':');
  if (dtype === undefined) return hubBundle(name, options);
  const known = HUB_DTYPES.find((one) => one === dtype);
  if (known !== undefined) return hubBundle(name, { ...options, dtype: known });
  throw new MaskloomError('OPTION_INVALID', `'${dtype}' is no form of weights.`, {
    where: '--bundle',
    hint: suggest(dtype, HUB_DTYPES),
  });
}
