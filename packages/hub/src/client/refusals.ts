import { MaskloomError } from '@maskloom/core';
import type { HubSettings } from './settings.js';

/** What was asked of the hub. */
export interface Asked {
  /** `owner/name` of the repository. */
  readonly id: string;
  readonly revision: string;
  /** A file of it, when one was asked for. */
  readonly file?: string;
}

/**
 * The hub's refusal as an error that says what to do. The hub does not tell a private repository from one that does
 * not exist (`huggingface_hub`: X-Error-Code `RepoNotFound`, or 401 without a code, stand for both).
 * @param response - with a status that is not a success
 */
export function refusal(response: Response, asked: Asked, settings: HubSettings): MaskloomError {
  const code = response.headers.get('x-error-code') ?? '';
  const said = response.headers.get('x-error-message') ?? '';
  const { id, revision, file } = asked;
  const where = file === undefined ? id : `${id}: ${file}`;
  const { status } = response;
  const { token, endpoint } = settings;
  const page = `${endpoint}/${id}`;
  if (code === 'GatedRepo') {
    return new MaskloomError(
      'HUB_ACCESS_DENIED',
      `The repository ${id} is gated: its files are given on conditions.`,
      {
        where,
        hint:
          token === undefined
            ? `Accept them at ${page}, make a token at ${endpoint}/settings/tokens and set HF_TOKEN to it.`
            : `Accept them at ${page} with the account of your token (HF_TOKEN), or wait until its owner has let you in.`,
      },
    );
  }
  if (code === 'RevisionNotFound') {
    return new MaskloomError('HUB_NOT_FOUND', `The repository ${id} has no revision '${revision}'.`, {
      where,
      hint: `Its branches and tags are listed at ${page}/tree/main.`,
    });
  }
  if (code === 'EntryNotFound') {
    return new MaskloomError(
      'HUB_NOT_FOUND',
      `The repository ${id} has no file '${file ?? ''}' at ${revision}.`,
      {
        where,
        hint: `Its files are listed at ${page}/tree/${revision}.`,
      },
    );
  }
  if (status === 401 && /credentials|token/i.test(said)) {
    return new MaskloomError('HUB_ACCESS_DENIED', 'The hub does not accept the token.', {
      where: 'HF_TOKEN',
      hint: `Make a new one at ${endpoint}/settings/tokens.`,
    });
  }
  if (status === 403) {
    return new MaskloomError(
      'HUB_ACCESS_DENIED',
      `The token may not read the repository ${id}.${sentence(said)}`,
      {
        where,
        hint: `Give it read access at ${endpoint}/settings/tokens.`,
      },
    );
  }
  if (status === 401 || status === 404) {
    return new MaskloomError('HUB_NOT_FOUND', `There is no repository ${id}, or it is private.`, {
      where,
      hint:
        token === undefined
          ? 'Check the name; for a private or gated one set HF_TOKEN.'
          : 'Check the name, and that the token (HF_TOKEN) may read it.',
    });
  }
  return new MaskloomError('HUB_UNREACHABLE', `The hub answered ${status}.${sentence(said)}`, {
    where: `${endpoint}: ${where}`,
    hint: 'Try again later; what has been fetched is kept.',
  });
}

function sentence(said: string): string {
  return said === '' ? '' : ` It says: ${said.slice(0, 200)}`;
}
