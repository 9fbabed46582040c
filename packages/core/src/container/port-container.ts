import { MaskloomError } from '@maskloom/masks';
import type { BindingOptions, Container, Token } from '../ports/container.js';
import { Ledger } from './ledger.js';

/** What an adapter supplies: lookups and hierarchy of one dependency injection library. */
export interface ContainerBackend {
  /** Binds, or binds anew, in this container only. */
  bind(id: symbol, get: () => unknown): void;
  /** Tells whether the identifier is bound here or in a parent. */
  has(id: symbol): boolean;
  /** Looks the identifier up, here or in a parent; may give a promise. */
  get(id: symbol): unknown;
  /** Makes a child container of the library. */
  child(): ContainerBackend;
  /** Drops this container's bindings. */
  close(): void | Promise<void>;
}

/**
 * The container port over a library's container: life times and disposal order are the port's,
 * bindings and hierarchy are the library's.
 * @param backend - the adapter
 */
export function containerOver(backend: ContainerBackend): Container {
  return new PortContainer(backend, undefined);
}

class PortContainer implements Container {
  readonly #backend: ContainerBackend;
  readonly #parent: PortContainer | undefined;
  readonly #children = new Set<PortContainer>();
  readonly #ledger = new Ledger();
  readonly #pending = new Set<Promise<unknown>>();
  #disposal: Promise<void> | undefined;

  constructor(backend: ContainerBackend, parent: PortContainer | undefined) {
    this.#backend = backend;
    this.#parent = parent;
  }

  bindValue<T>(token: Token<T>, value: T): void {
    this.#checkOpen(token.name);
    this.#backend.bind(token.symbol, () => value);
  }

  bindFactory<T>(
    token: Token<T>,
    factory: (container: Container) => T | Promise<T>,
    options: BindingOptions<T> = {},
  ): void {
    this.#checkOpen(token.name);
    let made: Promise<T> | undefined;
    this.#backend.bind(token.symbol, () => {
      made ??= this.#make(token, factory, options).catch((error: unknown) => {
        made = undefined;
        throw error;
      });
      return made;
    });
  }

  has(token: Token<unknown>): boolean {
    return this.#disposal === undefined && this.#backend.has(token.symbol);
  }

  async resolve<T>(token: Token<T>): Promise<T> {
    this.#checkOpen(token.name);
    if (!this.#backend.has(token.symbol)) {
      throw new MaskloomError('CONTAINER_UNBOUND', `Nothing is bound to '${token.name}'.`, {
        where: token.name,
        hint: `Bind it with container.bindValue(token, value) or container.bindFactory(token, factory).`,
      });
    }
    return (await this.#backend.get(token.symbol)) as T;
  }

  child(): Container {
    this.#checkOpen('a child container');
    const child = new PortContainer(this.#backend.child(), this);
    this.#children.add(child);
    return child;
  }

  dispose(): Promise<void> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #make<T>(
    token: Token<T>,
    factory: (container: Container) => T | Promise<T>,
    options: BindingOptions<T>,
  ): Promise<T> {
    const making = Promise.resolve().then(() => factory(this));
    const settled = making.then(
      () => undefined,
      () => undefined,
    );
    this.#pending.add(settled);
    try {
      const value = await making;
      const { dispose } = options;
      if (dispose !== undefined) this.#ledger.add(token.name, () => dispose(value));
      return value;
    } finally {
      this.#pending.delete(settled);
    }
  }

  async #dispose(): Promise<void> {
    // An instance still in the making must be recorded before the ledger is emptied.
    await Promise.all(this.#pending);
    const failures: unknown[] = [];
    const attempt = async (work: () => void | Promise<void>): Promise<void> => {
      try {
        await work();
      } catch (error) {
        failures.push(error);
      }
    };
    for (const child of [...this.#children].reverse()) await attempt(() => child.dispose());
    await attempt(() => this.#ledger.dispose());
    await attempt(() => this.#backend.close());
    if (this.#parent !== undefined) this.#parent.#children.delete(this);
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1) {
      throw new MaskloomError('INTERNAL', 'Could not dispose of a container.', {
        cause: new AggregateError(failures),
      });
    }
  }

  #checkOpen(what: string): void {
    if (this.#disposal === undefined) return;
    throw new MaskloomError('DISPOSED', `The container of '${what}' has been disposed of.`, { where: what });
  }
}
