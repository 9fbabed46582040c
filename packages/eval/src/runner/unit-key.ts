import { hash } from 'node:crypto';
import { canonicalJson } from '@maskloom/metrics';

/** Raised when stored results of earlier versions no longer mean the same. */
const VERSION = 1;

/** SHA-256 of a JSON value, whatever the order of its keys. */
export function contentHash(value: unknown): string {
  return digest(canonicalJson(value) ?? 'undefined');
}

/**
 * The content key of a unit: the same work has the same key in every run, anything different has another.
 * @param subject - hash of recipe, overrides and the hashes of its weights
 * @param protocol - hash of what is asked and of every switch of what is counted
 * @param scene - hash of the scene
 */
export function unitKey(subject: string, protocol: string, scene: string): string {
  return digest(`${VERSION} ${subject} ${protocol} ${scene}`);
}

function digest(text: string): string {
  // In one call: hash objects hold memory that the garbage collector does not see, and a run makes a great many.
  return hash('sha256', text, 'base64url');
}
