import { abortedError, onAbort, throwIfAborted } from '@maskloom/masks';
import type { FeatureMap } from '../domain/feature-map.js';
import { tensorScope } from '../ports/tensor-scope.js';
import type { RunContext } from '../slots/stage.js';
import type { FeatureLease, FeatureRequest } from './feature-request.js';

/**
 * One encoding, shared by its users. It goes on while anyone waits for it; its tensors live until it has been
 * dropped from the cache and nobody uses it.
 */
export class CacheEntry {
  // The cache's own, not a host's: the features outlive the pipeline that made them.
  readonly #scope = tensorScope();
  readonly #abort = new AbortController();
  readonly #features: Promise<FeatureMap>;
  readonly #warnings: string[] = [];
  readonly #forget: () => void;
  #users = 0;
  #ready = false;
  #dropped = false;

  constructor(request: FeatureRequest, forget: () => void) {
    this.#forget = forget;
    const run: RunContext = {
      signal: this.#abort.signal,
      scope: this.#scope,
      warn: (message) => this.#warnings.push(message),
      progress: (fraction, note) => request.run.progress(fraction, note),
    };
    this.#features = Promise.resolve().then(() => request.encode(run));
    this.#features.then(
      () => {
        this.#ready = true;
        this.#releaseIfIdle();
      },
      () => {
        this.#ready = true;
        this.drop();
      },
    );
  }

  /** Waits for the features on behalf of one run. */
  async lease(run: RunContext, hit: boolean): Promise<FeatureLease> {
    this.#users++;
    let open = true;
    const release = (): void => {
      if (!open) return;
      open = false;
      this.#users--;
      // Nobody waits any more: the encoding need not go on.
      if (this.#users === 0 && !this.#ready) {
        this.#abort.abort(new DOMException('No run waits for these features any more.', 'AbortError'));
        this.drop();
      }
      this.#releaseIfIdle();
    };
    try {
      const features = await this.#wait(run.signal);
      for (const warning of this.#warnings) run.warn(warning);
      return { features, hit, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Takes the entry out of the cache; its tensors go as soon as nobody uses them. */
  drop(): void {
    this.#dropped = true;
    this.#forget();
    this.#releaseIfIdle();
  }

  #wait(signal: AbortSignal): Promise<FeatureMap> {
    throwIfAborted(signal, 'waiting for image features');
    return new Promise((resolve, reject) => {
      const end = onAbort(signal, () => reject(abortedError(signal, 'waiting for image features')));
      this.#features.then(resolve, reject).finally(end);
    });
  }

  #releaseIfIdle(): void {
    if (this.#dropped && this.#ready && this.#users === 0) this.#scope.release();
  }
}
