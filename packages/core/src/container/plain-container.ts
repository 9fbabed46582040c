import type { Container } from '../ports/container.js';
import { containerOver, type ContainerBackend } from './port-container.js';

/**
 * The container port over nothing but a map: what a pipeline uses where the host application gives no container. What a
 * library would add, a pipeline of one's own does not use, and the quarter of a thousand files of one are half of what a
 * first mask waits for.
 */
export function plainContainer(): Container {
  return containerOver(backendUnder(undefined));
}

function backendUnder(parent: ContainerBackend | undefined): ContainerBackend {
  const own = new Map<symbol, () => unknown>();
  const backend: ContainerBackend = {
    bind: (id, get) => void own.set(id, get),
    has: (id) => own.has(id) || parent?.has(id) === true,
    get: (id) => (own.get(id) ?? (() => parent?.get(id)))(),
    child: () => backendUnder(backend),
    close: () => own.clear(),
  };
  return backend;
}
