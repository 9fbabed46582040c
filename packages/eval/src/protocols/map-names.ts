import type { AskContext } from './protocol.js';

/** The class that each written name counts for; `null` where it counts for none. */
export type NameMapping = Readonly<Record<string, string | null>>;

interface Written {
  readonly segments: readonly { readonly label: string }[];
}

/**
 * Which classes the names of an answer mean, each asked once.
 * @param classes - the data set's
 * @returns nothing where the row has no mapper: then names count as {@link exactNames} says
 */
export async function mapNames(
  { segments }: Written,
  classes: readonly string[],
  { mapper }: Pick<AskContext, 'mapper'>,
): Promise<NameMapping | undefined> {
  const distinct = [...new Set(segments.map(({ label }) => label))];
  return distinct.length === 0 ? undefined : mapper?.(distinct, classes);
}

/** A name counts for the class that is called so, capitals and outer blanks aside. */
export function exactNames(segments: Written['segments'], classes: readonly string[]): NameMapping {
  const called = new Map(classes.map((name) => [name.toLowerCase(), name]));
  return Object.fromEntries(
    segments.map(({ label }) => [label, called.get(label.trim().toLowerCase()) ?? null]),
  );
}
