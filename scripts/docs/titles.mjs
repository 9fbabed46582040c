// A plugin of typedoc: pages are called by their first heading, and stand in the group of their folder.
import { Converter } from 'typedoc';

const GROUPS = { 'docs/guides': 'Guides', 'packages/examples': 'Guides', 'docs/tables': 'Tables' };

/** Called by typedoc. */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    const folder = document.name.split('/').slice(0, -1).join('/');
    document.frontmatter.group ??= GROUPS[folder] ?? 'About the project';
    const text = document.content.map((part) => part.text).join('');
    document.name = /^# ([^\n]+)/.exec(text.trimStart())?.[1].replaceAll('`', '') ?? document.name;
  });
}
