/** The eight shapes of things; COCO category ids 1..8 in this order. */
export const SHAPES = [
  'circle',
  'square',
  'triangle',
  'star',
  'ring',
  'cross',
  'diamond',
  'crescent',
] as const;
/** The eight colours of things. */
export const COLOURS = ['red', 'orange', 'yellow', 'green', 'blue', 'purple', 'pink', 'brown'] as const;
/** The three surface textures of things. */
export const TEXTURES = ['plain', 'striped', 'dotted'] as const;
/** The three size classes of things. */
export const SIZES = ['small', 'medium', 'large'] as const;
/** The six background regions; COCO category ids 11..16 in this order. */
export const STUFF = ['sky', 'water', 'grass', 'sand', 'snow', 'rock'] as const;

/** A thing's outline. */
export type Shape = (typeof SHAPES)[number];
/** A thing's body colour. */
export type Colour = (typeof COLOURS)[number];
/** A thing's surface. */
export type Texture = (typeof TEXTURES)[number];
/** A thing's size class. */
export type SizeName = (typeof SIZES)[number];
/** A background region's material. */
export type StuffName = (typeof STUFF)[number];

/** The four attributes that describe a thing in full. */
export interface Attributes {
  /** Its outline. */
  readonly shape: Shape;
  /** Its body colour. */
  readonly colour: Colour;
  /** Its surface. */
  readonly texture: Texture;
  /** Its size class. */
  readonly size: SizeName;
}

/** A made-up class: its name says nothing, its attributes say everything. */
export interface InventedClass {
  /** The made-up word. */
  readonly name: string;
  /** Outline of its members. */
  readonly shape: Shape;
  /** Colour of its members. */
  readonly colour: Colour;
  /** Surface of its members. */
  readonly texture: Texture;
}

const INVENTED_NAMES = [
  'blicket',
  'toma',
  'wuggle',
  'fepper',
  'zorbit',
  'quilm',
  'mippet',
  'gazzer',
  'tulver',
  'norpin',
  'snavel',
  'krellow',
  'plimsy',
  'voskit',
  'dunder',
  'jabbit',
  'loomer',
  'hathrin',
  'skeeble',
  'brindo',
  'trolly',
  'yampel',
  'ostrix',
  'cavvy',
  'rundle',
  'pindrel',
  'mozzin',
  'elvik',
] as const;

/**
 * The 28 invented classes. The triple of class i walks shapes, colours and textures with different strides, so
 * that each shape and colour belongs to three or four classes and no two classes share a triple.
 */
export const INVENTED: readonly InventedClass[] = INVENTED_NAMES.map((name, i) => ({
  name,
  shape: SHAPES[i % 8] ?? 'circle',
  colour: COLOURS[(i * 3 + Math.floor(i / 8) * 2) % 8] ?? 'red',
  texture: TEXTURES[(i + Math.floor(i / 8)) % 3] ?? 'plain',
}));

const inventedByTriple = new Map(INVENTED.map((c) => [`${c.texture} ${c.colour} ${c.shape}`, c.name]));

/** The invented class that a thing belongs to, or `null`. */
export function inventedName(thing: Omit<Attributes, 'size'>): string | null {
  return inventedByTriple.get(`${thing.texture} ${thing.colour} ${thing.shape}`) ?? null;
}

/** COCO category id of a shape: 1..8. */
export function shapeCategory(shape: Shape): number {
  return SHAPES.indexOf(shape) + 1;
}

/** COCO category id of a stuff word, and its segment id in the panoptic image: 11..16. */
export function stuffCategory(stuff: StuffName): number {
  return STUFF.indexOf(stuff) + 11;
}

/** All words of the world. */
export interface Vocabulary {
  /** Shapes, COCO categories 1..8. */
  readonly shapes: readonly Shape[];
  /** Colours of things. */
  readonly colours: readonly Colour[];
  /** Textures of things. */
  readonly textures: readonly Texture[];
  /** Size classes of things. */
  readonly sizes: readonly SizeName[];
  /** Background regions, COCO categories 11..16. */
  readonly stuff: readonly StuffName[];
  /** The invented classes. */
  readonly invented: readonly InventedClass[];
}

/** The vocabulary block of `synth.json`. */
export const VOCABULARY: Vocabulary = {
  shapes: SHAPES,
  colours: COLOURS,
  textures: TEXTURES,
  sizes: SIZES,
  stuff: STUFF,
  invented: INVENTED,
};
