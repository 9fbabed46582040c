import { fileUrl } from './head.js';
import type { ReadRange } from './safetensors.js';
import { refusal } from './refusals.js';
import { request, unreachable } from './request.js';
import type { HubSettings } from './settings.js';

/**
 * Gives parts of a file of the hub; the rest of it is not fetched.
 * @param asked - repository, commit and file
 */
export function remoteRange(
  asked: { readonly id: string; readonly revision: string; readonly file: string },
  settings: HubSettings,
  signal?: AbortSignal,
): ReadRange {
  const url = fileUrl(settings, asked);
  return async (start, end) => {
    if (start === end) return new Uint8Array(0);
    const response = await request(url, { settings, signal, from: start, to: end - 1 });
    if (!response.ok) {
      await response.body?.cancel();
      throw refusal(response, asked, settings);
    }
    if (response.status !== 206) {
      await response.body?.cancel();
      throw unreachable(url, new Error('it gives no parts of files (Range)'));
    }
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (bytes.length !== end - start)
      throw unreachable(url, new Error('it gave another part than was asked for'));
    return bytes;
  };
}
