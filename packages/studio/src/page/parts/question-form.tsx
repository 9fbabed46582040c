import { ask } from '../state/ask.js';
import type { Studio } from '../state/studio.js';
import { Labels } from './labels.js';
import { Marks } from './marks.js';

/** What is asked: a phrase or question, a list of labels, places on the picture. */
export function QuestionForm({ studio }: { readonly studio: Studio }) {
  const question = studio.question.value;
  const running = studio.running.value;
  return (
    <form
      class="question"
      onSubmit={(event) => {
        event.preventDefault();
        void ask(studio);
      }}
    >
      <h2>Question</h2>
      <label>
        phrase or question
        <input
          type="text"
          name="text"
          value={question.text}
          placeholder="the red star on the left"
          onInput={({ currentTarget }) =>
            (studio.question.value = { ...question, text: currentTarget.value })
          }
        />
      </label>
      <Labels studio={studio} />
      <Marks studio={studio} />
      <div class="buttons">
        <button
          type="submit"
          class="ask"
          disabled={studio.picture.value === undefined || studio.chosen.value.length === 0}
        >
          Ask
        </button>
        <button type="button" disabled={running === undefined} onClick={() => running?.abort()}>
          Stop
        </button>
      </div>
    </form>
  );
}
