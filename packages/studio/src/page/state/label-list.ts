import type { Descriptions } from './model.js';

/** A list of classes, with what they look like where that is said. */
export interface LabelList {
  readonly labels: readonly string[];
  readonly descriptions?: Descriptions;
}

/** The form of files of descriptions. */
const SCHEMA = 'maskloom.descriptions/1';

/**
 * Labels of a text: one a line, or several with commas; lines that begin with # do not count. An indented line below a label
 * describes it: `colour: Mostly grey.`. The JSON of a file of descriptions is taken as it is.
 * @param attributes - what descriptions may speak of
 * @throws Error saying what is wrong
 */
export function readLabelList(text: string, attributes: readonly string[]): LabelList {
  const plain = text.replace(/^\uFEFF/, '');
  if (plain.trimStart().startsWith('{')) {
    const descriptions = JSON.parse(plain) as Descriptions;
    if (typeof descriptions.classes !== 'object') throw new Error('The JSON holds no classes.');
    return { labels: Object.keys(descriptions.classes), descriptions };
  }
  const labels: string[] = [];
  const classes = new Map<string, Record<string, string[]>>();
  for (const line of plain.split(/\r?\n/)) {
    const said = line.trim();
    if (said === '' || said.startsWith('#')) continue;
    const [, attribute = ''] = /^\s+([\w-]+):/.exec(line) ?? [];
    const sentence = attribute === '' ? '' : said.slice(attribute.length + 1).trim();
    const label = labels.at(-1);
    if (sentence === '' || label === undefined)
      labels.push(
        ...said
          .split(',')
          .map((one) => one.trim())
          .filter((one) => one !== ''),
      );
    else if (!attributes.includes(attribute))
      throw new Error(`'${label}' is described by '${attribute}'; known are: ${attributes.join(', ')}.`);
    else {
      const own = classes.get(label) ?? {};
      classes.set(label, { ...own, [attribute]: [...(own[attribute] ?? []), sentence] });
    }
  }
  if (classes.size === 0) return { labels };
  return { labels, descriptions: { schema: SCHEMA, classes: Object.fromEntries(classes) } };
}

/** A list as it would have been typed. */
export function writeLabelList({ labels, descriptions }: LabelList): string {
  const lines = labels.flatMap((label) => {
    const own = Object.entries(descriptions?.classes[label] ?? {});
    return [
      label,
      ...own.flatMap(([attribute, sentences]) => sentences.map((one) => `  ${attribute}: ${one}`)),
    ];
  });
  return lines.join('\n');
}
