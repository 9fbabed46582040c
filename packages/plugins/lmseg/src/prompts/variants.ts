/** The visual attributes that LMSeg's descriptions speak of (section 3.2). */
export const ATTRIBUTES = ['colour', 'shape-size', 'texture-material'] as const;

/** One visual attribute. */
export type Attribute = (typeof ATTRIBUTES)[number];

/** What a description speaks of: one attribute or all. */
export type DescribedBy = Attribute | 'all';

/** Every kind of prompt that LMSeg compares. */
export const PROMPT_VARIANTS = ['name', 'template', ...ATTRIBUTES, 'all'] as const;

/** One kind of prompt. */
export type PromptVariant = (typeof PROMPT_VARIANTS)[number];

/** Sentences about one class, by what they speak of. */
export type ClassDescription = Readonly<Partial<Record<PromptVariant, readonly string[]>>>;

/**
 * A class's sentences of one kind; where `all` is not written down, those of every attribute.
 * @returns nothing when the description does not speak of it
 */
export function sentencesOf(
  description: ClassDescription | undefined,
  by: PromptVariant,
): readonly string[] | undefined {
  if (description === undefined) return undefined;
  const own = description[by];
  if (own !== undefined && own.length > 0) return own;
  if (by !== 'all') return undefined;
  const every = ATTRIBUTES.flatMap((attribute) => description[attribute] ?? []);
  return every.length > 0 ? every : undefined;
}
