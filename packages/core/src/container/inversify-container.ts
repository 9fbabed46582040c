import { Container as InversifyContainer } from 'inversify';
import type { Container } from '../ports/container.js';
import { containerOver, type ContainerBackend } from './port-container.js';

/**
 * The container port over inversify.
 * @param existing - a host application's own container, whose bindings pipelines then see; a new one when absent.
 * Disposing of the result drops only what was bound through it.
 */
export function inversifyContainer(existing?: InversifyContainer): Container {
  return containerOver(backendOf(existing ?? create(undefined)));
}

// jitless: hosts may forbid code generation from strings, and nothing here is resolved often enough to gain by it.
const create = (parent: InversifyContainer | undefined): InversifyContainer =>
  new InversifyContainer(parent === undefined ? { jitless: true } : { jitless: true, parent });

function backendOf(container: InversifyContainer): ContainerBackend {
  const bound = new Set<symbol>();
  const drop = (id: symbol): void => {
    if (container.isCurrentBound(id)) container.unbind(id);
  };
  return {
    bind(id, get) {
      drop(id);
      container
        .bind(id)
        .toDynamicValue(() => get())
        .inTransientScope();
      bound.add(id);
    },
    has: (id) => container.isBound(id),
    get: (id) => container.getAsync(id),
    child: () => backendOf(create(container)),
    close() {
      for (const id of bound) drop(id);
      bound.clear();
    },
  };
}
