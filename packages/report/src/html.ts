const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Markup that is already safe to put into a page. */
export class Html {
  /** @param text - the markup */
  constructor(readonly text: string) {}
}

type Value = Html | string | number | readonly Html[] | undefined | false;

/**
 * A template whose values are escaped unless they are {@link Html} themselves; `undefined` and
 * `false` become nothing.
 */
export function markup(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  let text = strings[0] ?? '';
  for (const [index, value] of values.entries()) text += render(value) + (strings[index + 1] ?? '');
  return new Html(text);
}

function render(value: Value): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map((part) => part.text).join('');
  return escapeHtml(String(value));
}

/**
 * Markup that waits: a browser reads it as text until the page's script puts it in place, and one whose scripts are switched
 * off shows it at once. It costs no element, picture or layout before it is needed.
 */
export function onDemand(content: Html): Html {
  return markup`<noscript>${content}</noscript>`;
}

/**
 * Escapes text for use in markup and quoted attributes. Control characters that HTML forbids become
 * a visible replacement, and so do marks that turn the direction of text (they can disguise a name).
 */
export function escapeHtml(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
    .replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

/**
 * JSON that is safe inside a `<script type="application/json">` element.
 * @param value - anything JSON can hold
 */
export function jsonScript(value: unknown): Html {
  const text = JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return new Html(text);
}
