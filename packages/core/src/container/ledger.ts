import { MaskloomError } from '@maskloom/masks';

/** Remembers made instances in the order of their making, to dispose of them in reverse. */
export class Ledger {
  readonly #entries: { readonly name: string; readonly dispose: () => void | Promise<void> }[] = [];

  /** Adds an instance; one made from others must be added after them. */
  add(name: string, dispose: () => void | Promise<void>): void {
    this.#entries.push({ name, dispose });
  }

  /**
   * Disposes everything, last first, and forgets it. A failure does not stop the rest.
   * @throws MaskloomError INTERNAL with all failures as an AggregateError
   */
  async dispose(): Promise<void> {
    const failures: unknown[] = [];
    const names: string[] = [];
    for (let entry = this.#entries.pop(); entry !== undefined; entry = this.#entries.pop()) {
      try {
        await entry.dispose();
      } catch (error) {
        failures.push(error);
        names.push(entry.name);
      }
    }
    if (failures.length === 0) return;
    throw new MaskloomError('INTERNAL', `Could not dispose of ${names.join(', ')}.`, {
      cause: new AggregateError(failures),
    });
  }
}
