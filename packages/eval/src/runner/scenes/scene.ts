import type { RleMask } from '@maskloom/core';

/** A category of a set of scenes. */
export interface SceneCategory {
  /** Unique in its set. */
  readonly id: number;
  /** Its word. */
  readonly name: string;
  /** False for stuff. */
  readonly isThing: boolean;
}

/** A true region of an image. */
export interface SceneSegment {
  /** Unique in its image. */
  readonly id: number;
  /** One of the set's categories. */
  readonly categoryId: number;
  /** At the size of the image. */
  readonly mask: RleMask;
  /** A region of many objects: found or not, it counts neither way. */
  readonly crowd?: boolean;
  /** Another name of the object, known by its attributes alone (the synthetic world's invented classes). */
  readonly invented?: string;
}

/** A phrase about an image. */
export interface ScenePhrase {
  /** As asked. */
  readonly text: string;
  /** Ids of the segments it means; of a false premise, of the object that it was made from. */
  readonly targets: readonly number[];
  /** The region it means, where that is no segment of the scene. */
  readonly mask?: RleMask;
  /** The region's polygons one by one, where there are several. */
  readonly parts?: readonly RleMask[];
  /** Pixels that count for neither side. */
  readonly ignore?: RleMask;
  /** False when nothing in the image fits. */
  readonly present: boolean;
  /** What it leans on: `attribute`, `relation`, `stuff`, where the data says so. */
  readonly kind?: string;
  /** Whether the head noun alone is ambiguous, where the data says so. */
  readonly needsRelation?: boolean;
}

/** A question whose answer takes reasoning. */
export interface SceneQuestion {
  /** Wordings; the first is asked. */
  readonly texts: readonly string[];
  /** True for whole questions ("long"), false for phrases ("short"). */
  readonly isSentence: boolean;
  /** The answer's region; absent where nothing is marked. */
  readonly mask?: RleMask;
  /** Pixels that count for neither side. */
  readonly ignore?: RleMask;
}

/** One image with everything that is asked about it and everything true about it: JSON-safe, complete without its set. */
export interface EvalScene {
  /** Unique in its set. */
  readonly id: number | string;
  /** Path of the image file below the set's root. */
  readonly image: string;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** `stored` when the truth is drawn on the picture as its pixels are stored, without its EXIF orientation; else as it is shown. */
  readonly drawn?: 'stored';
  /** True regions. */
  readonly segments: readonly SceneSegment[];
  /** Phrases that hold, in the order of the set. */
  readonly expressions?: readonly ScenePhrase[];
  /** Phrases that hold and others that do not, in the order of the set. */
  readonly premises?: readonly ScenePhrase[];
  /** In the order of the set. */
  readonly questions?: readonly SceneQuestion[];
}

/** Classes that are known by their attributes alone, by name. */
export interface InventedClasses {
  /** All of them. */
  readonly classes: readonly string[];
  /** Those held out of training. */
  readonly unseen: readonly string[];
}

/** What all scenes of a set share. */
export interface SceneSetHead {
  /** Folder that image paths start from. */
  readonly root: string;
  /** Every category, in the order of the set. */
  readonly categories: readonly SceneCategory[];
  /** Classes that are known by their attributes alone, and those of them that were held out of training. */
  readonly invented?: InventedClasses;
  /** Where the scenes come from: format, split, seed, ... for tables. */
  readonly source: Readonly<Record<string, string | number>>;
}

/** What was noticed while a set was read. */
export interface SceneRemarks {
  /** Records that could not be read and were left out. */
  readonly skipped: number;
  /** Why, for the first of them: file, field and what is wrong. */
  readonly reasons: readonly string[];
  /** What is not wrong, but good to know; the first of them. */
  readonly notes: readonly string[];
}

/** A set of scenes as it is read: its head, then one scene after another. */
export interface SceneSet {
  /** What all scenes share. */
  readonly head: SceneSetHead;
  /** To be gone over once. */
  readonly scenes: AsyncIterable<EvalScene>;
  /** Records that were left out, and what else the reader should know; complete when the scenes were gone over. */
  readonly remarks?: () => SceneRemarks;
}
