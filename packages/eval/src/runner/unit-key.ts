import { createHash } from 'node:crypto';
import { canonicalJson } from '../metrics/measure/canonical-json.js';

/** Raised when stored results of earlier versions no longer mean the same. */
const VERSION = 1;

/** What a unit's result depends on. */
export interface UnitContent {
  /** Recipe, overrides and the hashes of its weights. */
  readonly subject: unknown;
  /** What is asked, and every switch of what is counted. */
  readonly protocol: unknown;
  /** SHA-256 of the scene. */
  readonly scene: string;
}

/** The content key of a unit: the same work has the same key in every run, anything different has another. */
export function unitKey(content: UnitContent): string {
  return createHash('sha256')
    .update(canonicalJson({ version: VERSION, ...content }))
    .digest('base64url');
}
