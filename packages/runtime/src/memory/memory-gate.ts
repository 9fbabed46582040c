import { MaskloomError } from '@maskloom/core';
import type { Device } from '@maskloom/core';
import type { CheckedModel } from '../bundle/bundle.js';
import { freeMemory } from './free-memory.js';
import { estimateMemory } from './model-memory.js';
import { sizeText } from './size-text.js';

/** Refuses to open a model that would not fit, before the kernel ends the process for it. */
export class MemoryGate {
  readonly #free: () => number;
  /** What the models that are being opened will take and do not take yet. */
  #promised = 0;

  /** @param free - bytes that can be taken; what the system says when absent */
  constructor(free: () => number = freeMemory) {
    this.#free = free;
  }

  /**
   * Opens a model when its weights and one call fit beside what is being opened already.
   * @throws MaskloomError MEMORY_FULL, and what `open` throws
   */
  async pass<T>(model: CheckedModel, device: Device, open: () => Promise<T>): Promise<T> {
    const expected = estimateMemory(model);
    // Elsewhere the weights pass through this memory, and the call has that of the device.
    const need = device === 'cpu' ? Math.max(expected.open, expected.run) : model.bytes;
    const left = Math.max(0, this.#free() - this.#promised);
    if (need > left) throw memoryFull(model, need, left);
    this.#promised += need;
    try {
      return await open();
    } finally {
      this.#promised -= need;
    }
  }
}

function memoryFull(model: CheckedModel, need: number, left: number): MaskloomError {
  return new MaskloomError(
    'MEMORY_FULL',
    `The model needs about ${sizeText(need)} of memory (${sizeText(model.bytes)} of ${model.dtype} weights, and what one ` +
      `call takes), and ${sizeText(left)} are free.`,
    {
      where: model.id,
      hint:
        'Take a smaller form of the weights (q4 of a hub, maskloom-convert --dtype q4), close other programs, or raise the ' +
        "container's limit; maskloom doctor --bundle shows what each model needs.",
    },
  );
}
