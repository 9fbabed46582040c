import type { ModelHost, ModelPort, ModelSession, TensorScope, Tokenizer } from '@maskloom/core';
import type { Bundle, CheckedModel } from '../bundle/bundle.js';
import { OwningScope } from '../engine/tensor-scope.js';
import { OnnxSession } from './onnx-session.js';
import { disposed } from './session-pool.js';
import type { SessionLease } from './session-pool.js';

/** What a host needs from its source. */
export interface HostServices {
  /** Opens a model on the best device that takes it. */
  readonly lease: (model: CheckedModel) => Promise<SessionLease>;
  /** Opens another recipe of the same bundle. */
  readonly open: (recipeId: string) => Promise<ModelHost>;
  /** Called once when the host is disposed. */
  readonly onDispose: () => void;
}

/** A checked bundle, seen through one recipe, on a device. */
export class OnnxHost implements ModelHost {
  readonly bundle: string;
  readonly #bundle: Bundle;
  readonly #recipe: string;
  readonly #services: HostServices;
  readonly #sessions = new Map<string, Promise<OnnxSession>>();
  readonly #leases: SessionLease[] = [];
  /** Hosts of other recipes, opened through this one. */
  readonly #guests: ModelHost[] = [];
  readonly #scopes = new Set<OwningScope>();
  #live = 0;
  #disposal: Promise<void> | undefined;

  constructor(bundle: Bundle, recipe: string, services: HostServices) {
    this.bundle = bundle.name;
    this.#bundle = bundle;
    this.#recipe = recipe;
    this.#services = services;
  }

  get liveTensors(): number {
    return this.#live;
  }

  async model(role: string): Promise<ModelSession> {
    this.#check();
    const present = this.#sessions.get(role);
    if (present !== undefined) return present;
    const opening = this.#open(role);
    this.#sessions.set(role, opening);
    opening.catch(() => this.#sessions.delete(role));
    return opening;
  }

  ports(role: string): { readonly inputs: readonly ModelPort[]; readonly outputs: readonly ModelPort[] } {
    const { inputs, outputs } = this.#bundle.model(this.#recipe, role);
    return { inputs, outputs };
  }

  async tokenizer(): Promise<Tokenizer> {
    this.#check();
    return this.#bundle.tokenizer();
  }

  preset(name: string): unknown {
    return this.#bundle.preset(this.#recipe, name);
  }

  async recipe(id: string): Promise<ModelHost> {
    this.#check();
    const host = await this.#services.open(id);
    if (this.#disposal !== undefined) {
      await host.dispose();
      throw disposed('the model host');
    }
    this.#guests.push(host);
    return host;
  }

  scope(): TensorScope {
    this.#check();
    const scope = new OwningScope((done) => this.#scopes.delete(done));
    this.#scopes.add(scope);
    return scope;
  }

  /** Releases its scopes and its shares of sessions. Tensors kept out of every scope live until their worker ends. */
  dispose(): Promise<void> {
    this.#disposal ??= this.#end();
    return this.#disposal;
  }

  async #open(role: string): Promise<OnnxSession> {
    const model = this.#bundle.model(this.#recipe, role);
    const lease = await this.#services.lease(model);
    if (this.#disposal !== undefined) {
      await lease.release();
      throw disposed('the model host');
    }
    this.#leases.push(lease);
    return new OnnxSession(model.id, lease.shared, {
      check: () => this.#check(),
      count: (change) => (this.#live += change),
    });
  }

  async #end(): Promise<void> {
    for (const scope of [...this.#scopes]) scope.release();
    // Openings in flight give their share back by themselves.
    await Promise.allSettled(this.#sessions.values());
    await Promise.all(this.#guests.map((guest) => guest.dispose()));
    await Promise.all(this.#leases.map((lease) => lease.release()));
    this.#services.onDispose();
  }

  #check(): void {
    if (this.#disposal !== undefined) throw disposed('the model host');
  }
}
