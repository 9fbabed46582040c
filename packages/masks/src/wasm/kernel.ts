const PAGE = 65536;

/** Compiled WebAssembly with memory of its own. */
export interface Kernel<Functions> {
  /** What it exports. */
  readonly call: Functions;
  /** Bytes of memory that it has. */
  size(): number;
  /**
   * Its memory, with room for `bytes`.
   * @returns the whole of it; what was handed out before is void after it grew
   */
  memory(bytes: number): ArrayBuffer;
}

/**
 * A function that makes kernels of a module that takes its memory from outside; it is compiled when the first is made.
 * @param base64 - the module
 */
export function kernelMaker<Functions extends object>(base64: string): () => Kernel<Functions> {
  let module: WebAssembly.Module | undefined;
  return () => {
    module ??= new WebAssembly.Module(Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0)));
    const memory = new WebAssembly.Memory({ initial: 1 });
    return {
      call: new WebAssembly.Instance(module, { env: { memory } }).exports as Functions,
      size: () => memory.buffer.byteLength,
      memory: (bytes) => {
        const missing = bytes - memory.buffer.byteLength;
        if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
        return memory.buffer;
      },
    };
  };
}
