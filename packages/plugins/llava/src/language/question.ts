import { MaskloomError, suggest, type Task } from '@maskloom/core';
import type { LanguagePreset, LlavaPreset, QuestionTemplate } from './preset.js';

/** The user's words as they stand in the prompt. */
export type Wording = (text: string, task?: Task) => string;

/** The words alone, trimmed and lower-cased where the system is trained so. */
export function plainWords({ lowercase }: Pick<LanguagePreset, 'lowercase'>): Wording {
  return (text) => (lowercase ? text.trim().toLowerCase() : text.trim());
}

/**
 * The user's words in a question: one of the bundle's, or one given.
 * @param choice - `task`: the bundle's question that is called as the request's task, else the words alone; the name of
 * one of its questions; or a question with `{text}` where the words go
 * @throws MaskloomError OPTION_INVALID naming the bundle's questions
 */
export function questionWording(preset: LlavaPreset, choice: string): Wording {
  const { questions, lowercase } = preset;
  const plain = plainWords(preset);
  const inside = (template: QuestionTemplate): Wording => {
    const words = plainWords({ lowercase: template.lowercase ?? lowercase });
    return (text) => template.text.split('{text}').join(words(text));
  };
  if (choice === 'task') {
    return (text, task) => {
      const template = task === undefined ? undefined : questions[task];
      return (template === undefined ? plain : inside(template))(text);
    };
  }
  const template = choice.includes('{text}') ? { text: choice } : questions[choice];
  if (template !== undefined) return inside(template);
  const names = Object.keys(questions);
  throw new MaskloomError('OPTION_INVALID', `The bundle has no question '${choice}'.`, {
    where: 'llava/language-model.question',
    hint:
      names.length === 0
        ? "It has none: give the question itself, with {text} where the user's words go."
        : suggest(choice, names),
  });
}
