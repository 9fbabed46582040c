import { batch } from '@preact/signals';
import type { Ask, OpenPicture, OwnQuestion, Question, Reference, SystemChoice } from './model.js';
import { tell, type Studio } from './studio.js';

/** Reads what comes with the picture that is shown, and asks the first of it. */
export async function readOwnQuestions(studio: Studio, picture: OpenPicture): Promise<void> {
  if (picture.asked === undefined) return;
  const { system, questions } = await studio.api.get<{
    readonly system?: SystemChoice;
    readonly questions: readonly OwnQuestion[];
  }>(`${pathOf(picture)}/questions`);
  if (studio.picture.value !== picture) return;
  batch(() => {
    studio.own.value = { all: questions, at: 0, references: [] };
    if (system !== undefined) studio.chosen.value = [system];
  });
  await chooseOwn(studio, 0);
}

/** Puts one of the picture's own questions, and shows the truth beside the picture. */
export async function chooseOwn(studio: Studio, at: number): Promise<void> {
  const own = studio.own.value;
  const picture = studio.picture.value;
  const chosen = own?.all[at];
  if (own === undefined || picture === undefined || chosen === undefined) return;
  batch(() => {
    studio.own.value = { ...own, at, references: [] };
    studio.question.value = questionOf(chosen.ask);
    studio.shown.value = -1;
  });
  await tell(studio, async () => {
    const body = { about: at, classes: studio.classes.value };
    const { references, classes } = await studio.api.send<{
      readonly references: readonly Reference[];
      readonly classes: readonly string[];
    }>('POST', `${pathOf(picture)}/references`, body);
    const now = studio.own.value;
    if (studio.picture.value !== picture || now?.at !== at) return;
    batch(() => {
      studio.classes.value = classes;
      studio.own.value = { ...now, references };
    });
  });
}

/** How a question is listed. */
export function titleOf({ ask, note }: OwnQuestion): string {
  const { text, labels, prompts } = ask;
  const words =
    text ??
    (labels !== undefined
      ? `${labels.length} labels`
      : prompts !== undefined
        ? `${prompts.length} boxes`
        : 'everything');
  return note === undefined ? words : `${words} (${note})`;
}

function questionOf({ text = '', labels = [], prompts = [] }: Ask): Question {
  const boxes = prompts.flatMap(({ box }) => (box === undefined ? [] : [box]));
  return { text, labels, points: [], boxes, strokes: [] };
}

function pathOf({ id }: OpenPicture): string {
  return `/api/pictures/${encodeURIComponent(id)}`;
}
