/**
 * Characters that a terminal or a log viewer obeys instead of showing: C0 and C1 controls, DEL, line and paragraph
 * separators, marks and overrides of the writing direction, invisible blanks and tags, lone surrogates. Joiners stay: words and
 * emoji are written with them.
 */
const OBEYED =
  /[\u0000-\u001f\u007f-\u009f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]|\udb40[\udc00-\udc7f]/g;

/**
 * Text from outside (a file's name, a label, a model's or a service's answer) as it may be written to a terminal or a log:
 * what would be obeyed is shown as `\u001b`. The form is that of JSON strings, so text that is JSON stays the same JSON.
 * @param text - anything
 * @param keep - characters that stay, e.g. `\n\t` for text of several lines
 */
export function visible(text: string, keep = ''): string {
  return text.replace(OBEYED, (found) => (keep.includes(found) ? found : escaped(found)));
}

function escaped(found: string): string {
  return Array.from({ length: found.length }, (_, i) => found.charCodeAt(i))
    .map((code) => `\\u${code.toString(16).padStart(4, '0')}`)
    .join('');
}
