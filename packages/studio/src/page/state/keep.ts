import { bodyOf } from './ask.js';
import type { Asked, Column, SystemChoice } from './model.js';
import { tell, type Studio } from './studio.js';

/** Saves a file from this page. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Saves the masks that are shown in one of the forms of `--save`. */
export async function saveMasks(studio: Studio, asked: Asked, form: string): Promise<void> {
  const results = asked.columns.flatMap((column, i) => {
    const segments = column.record?.steps.at(-1)?.prediction.segments;
    return segments === undefined ? [] : [{ name: nameOf(asked.columns, column, i), segments }];
  });
  await tell(studio, async () => {
    const { blob, headers } = await studio.api.download('/api/exports', {
      picture: asked.picture.id,
      form,
      results,
    });
    const name = /filename="([^"]*)"/.exec(headers.get('content-disposition') ?? '')?.[1] ?? form;
    saveFile(name, blob);
    studio.notice.value = `saved ${name}`;
  });
}

/** A recipe's id, with its place where it was asked with several sets of stages. */
function nameOf(columns: readonly Column[], { choice }: Column, place: number): string {
  const same = columns.filter((other) => other.choice.recipe === choice.recipe);
  return same.length > 1 ? `${choice.recipe} ${place + 1}` : choice.recipe;
}

/**
 * Saves the systems that were asked as the rows of an ablation table.
 * @param shown - heads of its columns; the usual one when none is chosen
 */
export async function saveTable(
  studio: Studio,
  { question, columns }: Asked,
  shown: readonly string[],
): Promise<void> {
  await tell(studio, async () => {
    const systems = columns.map(({ choice }) => choice);
    const title = question.text === '' ? 'A question of the studio' : question.text;
    const { code } = await studio.api.send<{ readonly code: string }>('POST', '/api/table', {
      title,
      systems,
      ...(shown.length === 0 ? {} : { columns: shown }),
    });
    saveFile('maskloom.config.ts', new Blob([code], { type: 'text/plain' }));
    studio.notice.value = 'saved maskloom.config.ts: maskloom ablate studio/question runs it';
  });
}

/** A program that asks the same, on the clipboard. */
export async function copyCode(studio: Studio, system: SystemChoice): Promise<string> {
  const picture = studio.picture.value;
  const question = bodyOf(studio.question.value, picture?.size ?? [1, 1]);
  const { code } = await studio.api.send<{ readonly code: string }>('POST', '/api/code', {
    system,
    question,
  });
  await navigator.clipboard?.writeText(code).catch(() => undefined);
  return code;
}
