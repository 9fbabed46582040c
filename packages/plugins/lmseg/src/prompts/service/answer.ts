import { z } from 'zod';
import { ATTRIBUTES, type ClassDescription } from '../variants.js';

const completion = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string() }) })).min(1),
});

const sentences = z
  .union([z.string(), z.array(z.string())])
  .transform((given) =>
    (typeof given === 'string' ? [given] : given).map((one) => one.trim()).filter(Boolean),
  );

const description = z
  .object(Object.fromEntries(ATTRIBUTES.map((attribute) => [attribute, sentences])))
  .refine((given) => ATTRIBUTES.every((attribute) => (given[attribute] ?? []).length > 0), {
    message: 'an attribute has no sentence',
  });

/** Why an answer could not be understood. */
export class AnswerInvalid extends Error {}

/**
 * Reads a chat completion's body as a description.
 * @throws AnswerInvalid saying what is wrong
 */
export function readAnswer(body: string): ClassDescription {
  const content = parse(completion, json(body, 'the body'), 'the body').choices[0]?.message.content ?? '';
  if (content.length > LONGEST)
    throw new AnswerInvalid(`the message has ${content.length} characters, more than ${LONGEST}`);
  return checkDescription(json(unfenced(content), 'the message'));
}

/** Characters of the longest message that is read: a description of a class is far shorter. */
const LONGEST = 64 * 1024;

/** From the first brace to the last: models like to fence their JSON. */
function unfenced(content: string): string {
  const [first, last] = [content.indexOf('{'), content.lastIndexOf('}')];
  return first >= 0 && last > first ? content.slice(first, last + 1) : content;
}

/** @throws AnswerInvalid when it is not a description with sentences for every attribute */
export function checkDescription(value: unknown): ClassDescription {
  return parse(description, value, 'the message') as ClassDescription;
}

function json(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new AnswerInvalid(`${what} is not JSON (${(cause as Error).message})`);
  }
}

function parse<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new AnswerInvalid(
    `${what}: ${issue?.path.map(String).join('.') ?? ''} ${issue?.message ?? 'unknown'}`,
  );
}
