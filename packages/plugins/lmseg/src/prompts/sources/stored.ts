import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { MaskloomError, placeFile } from '@maskloom/core';
import type { DescriptionSource } from '../source.js';
import { PROMPT_VARIANTS, sentencesOf, type ClassDescription } from '../variants.js';
import { shippedFile } from './shipped.js';

/** Version of the file format. */
export const DESCRIPTIONS_SCHEMA = 'maskloom.descriptions/1';

const sentences = z.array(z.string().trim().min(1)).min(1);
const ofClass = z.object(
  Object.fromEntries(PROMPT_VARIANTS.map((variant) => [variant, sentences.optional()])),
);

const fileSchema = z.object({
  schema: z.literal(DESCRIPTIONS_SCHEMA),
  source: z.string().optional(),
  classes: z.record(z.string().min(1), ofClass),
  aliases: z.record(z.string().min(1), z.string()).optional(),
});

/** Descriptions as a file holds them. */
export interface StoredDescriptions {
  /** {@link DESCRIPTIONS_SCHEMA}. */
  readonly schema: typeof DESCRIPTIONS_SCHEMA;
  /** Who wrote them. */
  readonly source?: string | undefined;
  /** By class name. */
  readonly classes: Readonly<Record<string, ClassDescription>>;
  /** Other names of the classes, each with the name under which `classes` has it. */
  readonly aliases?: Readonly<Record<string, string>> | undefined;
}

/**
 * Descriptions out of a JSON file, read and checked when a pipeline is built.
 * @param file - its path, its content, or the name of a file that comes with this package: `benchmark-classes`
 * ({@link SHIPPED_DESCRIPTIONS})
 * @throws MaskloomError (when built) DATA_NOT_FOUND, DATA_INVALID naming the class and field
 */
export function storedDescriptions(file: string | StoredDescriptions): DescriptionSource {
  return {
    name:
      typeof file !== 'string'
        ? (file.source ?? 'stored descriptions')
        : shippedFile(file) === undefined
          ? `the file ${file}`
          : `the descriptions ${file}`,
    open: async () => {
      const { classes, aliases = {} } = await readDescriptions(file);
      const known = new Map(Object.entries(classes).map(([name, one]) => [name.toLowerCase(), one]));
      for (const [alias, name] of Object.entries(aliases)) {
        const one = known.get(name.toLowerCase());
        if (one !== undefined && !known.has(alias.toLowerCase())) known.set(alias.toLowerCase(), one);
      }
      return {
        describe: async (names, by) => names.map((name) => sentencesOf(known.get(name.toLowerCase()), by)),
      };
    },
  };
}

/**
 * Reads and checks a file of descriptions: a path, a content, or the name of one that comes with this package.
 * @throws MaskloomError DATA_NOT_FOUND, DATA_INVALID naming the class and field
 */
export async function readDescriptions(file: string | StoredDescriptions): Promise<StoredDescriptions> {
  const where = typeof file === 'string' ? file : 'descriptions';
  const parsed = fileSchema.safeParse(
    typeof file === 'string' ? await readJson(shippedFile(file) ?? file) : file,
  );
  if (parsed.success) return parsed.data as StoredDescriptions;
  const issue = parsed.error.issues[0];
  throw new MaskloomError(
    'DATA_INVALID',
    `These are not class descriptions: ${issue?.message ?? 'unknown'}.`,
    {
      where: `${where}: ${issue?.path.map(String).join('.') ?? ''}`,
      hint: `Write {"schema": "${DESCRIPTIONS_SCHEMA}", "classes": {"cat": {"colour": ["..."], ...}}}.`,
      cause: parsed.error,
    },
  );
}

/**
 * Writes descriptions beside their place and puts them there whole.
 * @throws MaskloomError OUTPUT_UNWRITABLE
 */
export async function writeDescriptions(path: string, content: StoredDescriptions): Promise<void> {
  try {
    placeFile(path, `${JSON.stringify(content, undefined, 1)}\n`);
  } catch (cause) {
    throw new MaskloomError('OUTPUT_UNWRITABLE', `The descriptions cannot be written: ${String(cause)}`, {
      where: path,
      cause,
    });
  }
}

async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new MaskloomError('DATA_NOT_FOUND', 'There is no file of descriptions.', { where: path, cause });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new MaskloomError('DATA_INVALID', `The file is not JSON: ${(cause as Error).message}`, {
      where: path,
      cause,
    });
  }
}
