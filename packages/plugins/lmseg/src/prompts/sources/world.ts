import type { ModelHost } from '@maskloom/core';
import { readLmsegPreset } from '../../preset.js';

/** The words of a generated world: what its classes are called and look like. */
export interface World {
  /** Names of outlines. */
  readonly shapes: readonly string[];
  /** Names of background regions. */
  readonly stuff: readonly string[];
  /** Made-up classes: the name says nothing, the attributes say everything. */
  readonly invented: readonly {
    /** The made-up word. */
    readonly name: string;
    /** Outline of its members. */
    readonly shape: string;
    /** Colour of its members. */
    readonly colour: string;
    /** Surface of its members. */
    readonly texture: string;
  }[];
}

/** The world that a bundle was trained on, when it says. */
export function worldOf(models: ModelHost): World | undefined {
  try {
    return readLmsegPreset(models).vocabulary;
  } catch {
    // Another system's bundle: there is no such world.
    return undefined;
  }
}
