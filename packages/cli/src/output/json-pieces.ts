/**
 * An object as `JSON.stringify` writes it, in pieces: one for every element of its lists. A string has a longest length, which
 * the results of many pictures exceed.
 * @param value - its own members may be anything JSON can hold
 * @param indent - blanks for each depth; 0 writes one line
 */
export function* jsonPieces(value: object, indent = 0): Generator<string> {
  const start = (depth: number): string => (indent === 0 ? '' : `\n${' '.repeat(indent * depth)}`);
  // A text's own line breaks are escaped in JSON: those that are there begin lines.
  const text = (part: unknown, depth: number): string =>
    JSON.stringify(part, undefined, indent).replaceAll('\n', start(depth));
  let before = '{';
  for (const [name, part] of Object.entries(value)) {
    if (part === undefined) continue;
    yield `${before}${start(1)}${JSON.stringify(name)}:${indent === 0 ? '' : ' '}`;
    before = ',';
    if (!Array.isArray(part) || part.length === 0) yield text(part, 1);
    else {
      for (const [index, one] of part.entries()) yield `${index === 0 ? '[' : ','}${start(2)}${text(one, 2)}`;
      yield `${start(1)}]`;
    }
  }
  yield before === '{' ? '{}' : `${start(0)}}`;
}
