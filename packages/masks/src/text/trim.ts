/**
 * Text without the characters of a kind at its end, in time linear in what is cut. A regular expression that is
 * anchored at the end alone (`/ +$/`) begins again at every place, which is quadratic in text from outside.
 * @param one - matches a single character (code point), e.g. `/[ ,]/`; without the flags `g` and `y`
 */
export function trimEndOf(text: string, one: RegExp): string {
  let end = text.length;
  while (end > 0) {
    const wide = end > 1 && (text.codePointAt(end - 2) ?? 0) > 0xffff;
    const start = end - (wide ? 2 : 1);
    if (!one.test(text.slice(start, end))) break;
    end = start;
  }
  return text.slice(0, end);
}

/** Text without the characters of a kind at both ends; see {@link trimEndOf}. */
export function trimOf(text: string, one: RegExp): string {
  let start = 0;
  while (start < text.length) {
    const wide = (text.codePointAt(start) ?? 0) > 0xffff;
    const end = start + (wide ? 2 : 1);
    if (!one.test(text.slice(start, end))) break;
    start = end;
  }
  return trimEndOf(text.slice(start), one);
}

/** Text on one line: its lines without outer blanks, empty ones left out, joined by one blank each. */
export function oneLine(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join(' ');
}
