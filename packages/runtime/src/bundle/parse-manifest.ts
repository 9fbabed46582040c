import { MaskloomError } from '@maskloom/core';
import { BUNDLE_SCHEMA } from './manifest.js';
import { manifestSchema } from './manifest-schema.js';
import type { BundleManifest } from './manifest.js';

/**
 * Reads a manifest's text.
 * @param text - the contents of `bundle.json`
 * @param where - the file, for messages
 * @throws MaskloomError BUNDLE_INVALID (not JSON, or a field is wrong or refers to nothing: all of
 * them are named), BUNDLE_VERSION (written for another version of the format).
 */
export function parseManifest(text: string, where: string): BundleManifest {
  const value = parseJson(text, where);
  const schema = typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined;
  if (typeof schema === 'string' && schema !== BUNDLE_SCHEMA) {
    throw new MaskloomError(
      'BUNDLE_VERSION',
      `the manifest is of version '${schema}'; this package reads '${BUNDLE_SCHEMA}'`,
      {
        where: `${where}: schema`,
        hint: 'Export the bundle again, or install the package version that reads it.',
      },
    );
  }
  const parsed = manifestSchema.safeParse(value);
  const problems = parsed.success
    ? danglingNames(parsed.data)
    : parsed.error.issues.map((issue) => `${issue.path.map(String).join('.') || '(top)'}: ${issue.message}`);
  if (problems.length > 0 || !parsed.success) {
    throw new MaskloomError('BUNDLE_INVALID', `the manifest is not valid: ${problems.join('; ')}`, {
      where: `${where}: ${problems[0]?.split(': ')[0] ?? ''}`,
    });
  }
  return parsed.data;
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // Without the parser's message: it quotes the file, which may be another one that a link leads to.
    throw new MaskloomError('BUNDLE_INVALID', 'the manifest is not JSON', {
      where,
      hint: 'The file may be cut short; fetch or export the bundle again.',
      cause,
    });
  }
}

/** Recipes that name models which the manifest does not have. */
function danglingNames(manifest: BundleManifest): string[] {
  return Object.entries(manifest.recipes).flatMap(([recipe, { models }]) =>
    Object.entries(models)
      .filter(([, model]) => !Object.hasOwn(manifest.models, model))
      .map(([role, model]) => `recipes.${recipe}.models.${role}: the bundle has no model '${model}'`),
  );
}
