/** `a star`, `an ostrix`: "an" before a, e, i, o and u. */
export function withArticle(words: string): string {
  return `${/^[aeiou]/i.test(words) ? 'an' : 'a'} ${words}`;
}

/**
 * Puts a name into a template.
 * @param template - `{}` becomes the name, `{a}` the name with its article
 * @param article - false for a name that takes none, as materials do
 */
export function fillTemplate(template: string, name: string, article = true): string {
  return template.replaceAll('{a}', article ? withArticle(name) : name).replaceAll('{}', name);
}

/** CAT-Seg's single template, with the article that fits. */
export const DEFAULT_TEMPLATE = 'a photo of {a} in the scene';
