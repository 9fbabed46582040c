import { MaskloomError } from '@maskloom/masks';
import 'reflect-metadata';
import { container as rootContainer, type DependencyContainer } from 'tsyringe';
import type { Container } from '../ports/container.js';
import { containerOver, type ContainerBackend } from './port-container.js';

/**
 * The container port over tsyringe, for host applications that use it.
 * @param existing - the host's container, whose bindings pipelines then see; a fresh child of tsyringe's root
 * when absent. Disposing of the result drops only what was bound through it.
 */
export function tsyringeContainer(existing?: DependencyContainer): Container {
  return containerOver(backendOf(existing ?? rootContainer.createChildContainer()));
}

function backendOf(container: DependencyContainer): ContainerBackend {
  // tsyringe has no way to unregister one token, so a binding is a slot that can be emptied or refilled.
  const own = new Map<symbol, () => unknown>();
  const current = (id: symbol): (() => unknown) => {
    const get = own.get(id);
    if (get !== undefined) return get;
    throw new MaskloomError('CONTAINER_UNBOUND', `The binding of '${id.description}' has been disposed of.`);
  };
  return {
    bind(id, get) {
      if (!own.has(id)) container.register(id, { useFactory: () => current(id)() });
      own.set(id, get);
    },
    has: (id) => own.has(id) || container.isRegistered(id, true),
    get: (id) => container.resolve(id),
    child: () => backendOf(container.createChildContainer()),
    close: () => own.clear(),
  };
}
