import { MaskloomError } from '@maskloom/core';

/** A repository of models at a revision. */
export interface Repository {
  /** `owner/name`. */
  readonly id: string;
  /** A branch, a tag or a commit. */
  readonly revision: string;
}

const PART = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?$/;

/**
 * Reads `owner/name` or `owner/name@revision`.
 * @param revision - used when the text names none; `main` when absent
 * @throws MaskloomError VALUE_INVALID when it cannot be the name of a repository
 */
export function readRepository(text: string, revision?: string): Repository {
  const [id = '', named, ...more] = text.split('@');
  const parts = id.split('/');
  const valid = parts.length === 2 && parts.every((part) => PART.test(part)) && id.length <= 96;
  const at = named ?? revision ?? 'main';
  const safe =
    /^[\w./-]+$/.test(at) && !at.split('/').some((part) => part === '' || part === '.' || part === '..');
  if (valid && safe && !/--|\.\./.test(id) && more.length === 0) return { id, revision: at };
  throw new MaskloomError('VALUE_INVALID', `'${text}' is not the name of a repository.`, {
    where: 'hub',
    hint: "Write owner/name, e.g. 'Xenova/slimsam-77-uniform', with @revision behind it when you want another than main.",
  });
}

/** True when a text has the form `owner/name` or `owner/name@revision`. */
export function isRepository(text: string): boolean {
  try {
    readRepository(text);
    return true;
  } catch {
    return false;
  }
}

/** True for 40 hexadecimal digits. */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}
