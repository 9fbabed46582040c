import type { ModelPort } from '@maskloom/core';
import type { CheckedModel } from '../bundle/bundle.js';

type Ports = { readonly inputs: readonly ModelPort[]; readonly outputs: readonly ModelPort[] };

/** How a model's file calls the ports that its manifest names otherwise. */
export class PortNames {
  readonly #toFile: ReadonlyMap<string, string>;
  readonly #fromFile: ReadonlyMap<string, string>;

  /** @param names - the file's names by the manifest's; '' for an input that the file does not have */
  constructor(names: Readonly<Record<string, string>> = {}) {
    this.#toFile = new Map(Object.entries(names));
    this.#fromFile = new Map(
      Object.entries(names).flatMap(([ours, file]) => (file === '' ? [] : [[file, ours]])),
    );
  }

  /** True where the file calls all of its ports as the manifest does. */
  get same(): boolean {
    return this.#toFile.size === 0;
  }

  /** The file's ports by the manifest's names, with the inputs that only the manifest has. */
  ports(model: Pick<CheckedModel, 'inputs'>, real: Ports): Ports {
    const rename = (port: ModelPort): ModelPort => ({ ...port, name: this.ours(port.name) });
    const ignored = model.inputs.filter(({ name }) => this.#toFile.get(name) === '');
    return { inputs: [...real.inputs.map(rename), ...ignored], outputs: real.outputs.map(rename) };
  }

  /** What is fed, by the file's names. */
  feeds<T>(feeds: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
    if (this.same) return feeds;
    const named = Object.entries(feeds).map(([name, value]) => [this.file(name), value] as const);
    return Object.fromEntries(named.filter(([name]) => name !== ''));
  }

  /** The file's name of a port. */
  file(name: string): string {
    return this.#toFile.get(name) ?? name;
  }

  /** The manifest's name of a port of the file. */
  ours(name: string): string {
    return this.#fromFile.get(name) ?? name;
  }
}
