import { checkedCommit, checkedEtag } from '../cache/places.js';
import { MaskloomError } from '@maskloom/core';
import { refusal, type Asked } from './refusals.js';
import { request } from './request.js';
import type { HubSettings } from './settings.js';

/** What the hub says about one file. */
export interface FileHead {
  readonly commit: string;
  /** SHA-256 of the contents (64 digits) for large files, git's SHA-1 of the blob (40 digits) for others. */
  readonly etag: string;
  /** Bytes. */
  readonly size: number;
}

/** The address of a file's contents. */
export function fileUrl(
  settings: HubSettings,
  { id, revision, file }: Asked & { readonly file: string },
): string {
  const path = file.split('/').map(encodeURIComponent).join('/');
  return `${settings.endpoint}/${id}/resolve/${encodeURIComponent(revision)}/${path}`;
}

/**
 * Asks for a file's commit, ETag and size. Redirects to storage are not followed: the answers stand in the redirect.
 * @throws MaskloomError HUB_NOT_FOUND, HUB_ACCESS_DENIED, HUB_UNREACHABLE, HUB_FILE_DAMAGED, ABORTED
 */
export async function headOf(
  asked: Asked & { readonly file: string },
  settings: HubSettings,
  signal?: AbortSignal,
): Promise<FileHead> {
  const url = fileUrl(settings, asked);
  const response = await request(url, { settings, method: 'HEAD', follow: 'relative', signal });
  if (response.status >= 400) throw refusal(response, asked, settings);
  const { headers } = response;
  const etag = headers.get('x-linked-etag') ?? headers.get('etag') ?? '';
  const size = Number(headers.get('x-linked-size') ?? headers.get('content-length') ?? NaN);
  if (!Number.isSafeInteger(size) || size < 0) {
    throw new MaskloomError('HUB_UNREACHABLE', `The hub does not say how large ${asked.file} is.`, {
      where: url,
      hint: 'Check HF_ENDPOINT: this is not how a hub answers.',
    });
  }
  return {
    commit: checkedCommit(headers.get('x-repo-commit') ?? ''),
    etag: checkedEtag(etag.replace(/^W\//, '').replaceAll('"', '')),
    size,
  };
}
