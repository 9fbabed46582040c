/** Names a dependency and its type. The symbol is what a host application binds in its own container. */
export interface Token<T> {
  /** For error messages. */
  readonly name: string;
  /** The identifier in the underlying container. */
  readonly symbol: symbol;
  /** Never present: carries the type only. */
  readonly type?: T;
}

/**
 * Makes a token. Equal names are the same token, also across copies of this package.
 * @param name - e.g. `maskloom:model-host`
 */
export function token<T>(name: string): Token<T> {
  return Object.freeze({ name, symbol: Symbol.for(name) });
}

/** How a binding's instance is given back. */
export interface BindingOptions<T> {
  /** Called once, when the container that holds the binding is disposed; only if the instance was made. */
  readonly dispose?: (value: T) => void | Promise<void>;
}

/**
 * The small port behind which a dependency injection container stands. Every binding is a singleton of the
 * container it was made in; a child sees its parents' bindings and may override them; siblings share nothing
 * of their own.
 */
export interface Container {
  /** Binds a ready value; a second binding of the token in this container replaces the first. */
  bindValue<T>(token: Token<T>, value: T): void;
  /** Binds a factory, run at most once, at the first `resolve`; a failure is not remembered. */
  bindFactory<T>(
    token: Token<T>,
    factory: (container: Container) => T | Promise<T>,
    options?: BindingOptions<T>,
  ): void;
  /** Tells whether the token is bound here or in a parent. */
  has(token: Token<unknown>): boolean;
  /**
   * The token's instance.
   * @throws MaskloomError CONTAINER_UNBOUND naming the token, DISPOSED
   */
  resolve<T>(token: Token<T>): Promise<T>;
  /** Makes a container that sees this one's bindings. */
  child(): Container;
  /**
   * Disposes children, then own instances, last made first. Idempotent. Every instance is tried; failures are
   * thrown together afterwards.
   */
  dispose(): Promise<void>;
}
