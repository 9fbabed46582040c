import { MaskloomError } from '@maskloom/masks';

/** One class to look for. */
export interface ClassLabel {
  /** Its name in the result: the first of its names. */
  readonly label: string;
  /** Its name and synonyms, at least one. */
  readonly names: readonly string[];
}

/** A list of classes, and what was odd about it. */
export interface ClassList {
  /** Each class once, in the order given. */
  readonly classes: readonly ClassLabel[];
  /** What the reader should know: merged duplicates, a name in two classes. */
  readonly warnings: readonly string[];
}

/**
 * Reads labels as given: `cat|kitten` is one class with a synonym. Blanks around names do not count, and names are the
 * same whatever their case. A class that comes twice is taken once, with the synonyms of both, and a warning says so:
 * two equal classes would halve each other's pixels by chance.
 * @param labels - at least one
 * @throws MaskloomError VALUE_INVALID when there is none, or one without a name
 */
export function parseLabels(labels: readonly string[] | undefined, where: string): ClassList {
  if (labels === undefined || labels.length === 0) {
    throw new MaskloomError('VALUE_INVALID', 'There are no labels: the classes to look for.', {
      where: `${where}: request.labels`,
      hint: 'Give labels, e.g. labels: ["cat|kitten", "grass"], or --labels "cat|kitten,grass".',
    });
  }
  const classes = new Map<string, { label: string; names: Map<string, string> }>();
  const warnings: string[] = [];
  const merged: string[] = [];
  labels.forEach((text, index) => {
    const names = text
      .split('|')
      .map((name) => name.trim().replace(/\s+/g, ' '))
      .filter((name) => name !== '');
    const [label] = names;
    if (label === undefined) {
      throw new MaskloomError('VALUE_INVALID', `Label ${index + 1} of ${labels.length} has no name.`, {
        where: `${where}: request.labels.${index}`,
        hint: 'Leave it out, or give it a name.',
      });
    }
    const key = label.toLowerCase();
    const known = classes.get(key);
    if (known !== undefined) merged.push(label);
    const one = known ?? { label, names: new Map<string, string>() };
    for (const name of names) if (!one.names.has(name.toLowerCase())) one.names.set(name.toLowerCase(), name);
    classes.set(key, one);
  });
  if (merged.length > 0) warnings.push(`Labels given more than once were taken once: ${listed(merged)}.`);
  const owners = new Map<string, string>();
  const shared: string[] = [];
  for (const [key, { names }] of classes) {
    for (const [name, shown] of names) {
      if (owners.has(name) && owners.get(name) !== key) shared.push(shown);
      else owners.set(name, key);
    }
  }
  if (shared.length > 0) warnings.push(`Names that stand for more than one label: ${listed(shared)}.`);
  return {
    classes: [...classes.values()].map(({ label, names }) => ({ label, names: [...names.values()] })),
    warnings,
  };
}

/** Names in quotes, the first five. */
export function listed(names: readonly string[]): string {
  const unique = [...new Set(names)];
  const shown = unique.slice(0, 5).map((name) => `'${name}'`);
  return shown.join(', ') + (unique.length > 5 ? ` and ${unique.length - 5} more` : '');
}
