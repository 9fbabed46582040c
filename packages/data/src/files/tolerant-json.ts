/** Numbers that Python's json writes and JSON does not have, outside of strings. */
const NOT_JSON = /-?\b(?:NaN|Infinity)\b/g;

/**
 * As `JSON.parse`, also of what Python's json writes: `NaN`, `Infinity` and `-Infinity` become `null`, a missing value.
 * @throws SyntaxError
 */
export function parseTolerantJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!NOT_JSON.test(text)) throw error;
    return JSON.parse(withoutNonNumbers(text));
  }
}

/** Names of the fields of a text that hold a number that JSON does not have; of a list, the field that the list is in. */
export function fieldsWithoutNumber(text: string): readonly string[] {
  const names = new Set<string>();
  let name = '';
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g)) {
    if (token.startsWith('"')) name = token.slice(1, -1);
    else names.add(name);
  }
  return [...names];
}

function withoutNonNumbers(text: string): string {
  // Every second piece between quotes that are not escaped lies inside of a string.
  let result = '';
  let from = 0;
  let inString = false;
  for (let i = 0; i <= text.length; i++) {
    const end = i === text.length;
    if (!end && inString && text[i] === '\\') {
      i++;
      continue;
    }
    if (!end && text[i] !== '"') continue;
    const piece = text.slice(from, i);
    result += inString ? piece : piece.replaceAll(NOT_JSON, 'null');
    if (!end) result += '"';
    from = i + 1;
    inString = !inString;
  }
  return result;
}
