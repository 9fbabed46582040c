import { useState } from 'preact/hooks';
import type { Question } from '../state/model.js';
import type { Studio } from '../state/studio.js';
import { TOOLS, undoMark } from '../state/tools.js';

/** Points, boxes and regions: what the mouse draws, and the same by numbers. */
export function Marks({ studio }: { readonly studio: Studio }) {
  const question = studio.question.value;
  const { points, boxes, strokes } = question;
  const count = points.length + boxes.length + strokes.length;
  const put = (part: Partial<Question>): void => {
    studio.question.value = { ...question, ...part };
  };
  return (
    <fieldset class="marks">
      <legend>on the picture</legend>
      <div class="tools" role="radiogroup" aria-label="what the mouse does">
        {TOOLS.map(([name, label, key]) => (
          <label key={name} title={`key ${key}`}>
            <input
              type="radio"
              name="tool"
              value={name}
              checked={studio.tool.value === name}
              onChange={() => (studio.tool.value = name)}
            />
            {label}
          </label>
        ))}
      </div>
      <p class="about">
        {count === 0
          ? 'Nothing yet. A point with Shift or the right button is outside.'
          : `${points.length} points, ${boxes.length} boxes, ${strokes.length} regions`}
      </p>
      <div class="buttons">
        <button type="button" disabled={count === 0} onClick={() => undoMark(studio)}>
          Undo mark
        </button>
        <button
          type="button"
          disabled={count === 0}
          onClick={() => put({ points: [], boxes: [], strokes: [] })}
        >
          Clear
        </button>
      </div>
      <ByNumbers put={put} question={question} />
    </fieldset>
  );
}

interface ByNumbersProps {
  readonly question: Question;
  readonly put: (part: Partial<Question>) => void;
}

/** The same for those who use no mouse: x, y, or x, y, width, height. */
function ByNumbers({ question, put }: ByNumbersProps) {
  const [text, setText] = useState('');
  const numbers = text
    .split(/[\s,]+/)
    .filter((one) => one !== '')
    .map(Number);
  const [x = 0, y = 0, width = 0, height = 0] = numbers;
  const good = numbers.every(Number.isFinite);
  const add = (part: Partial<Question>): void => {
    put(part);
    setText('');
  };
  return (
    <details>
      <summary>by numbers</summary>
      <label>
        x, y or x, y, width, height
        <input type="text" value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
      </label>
      <div class="buttons">
        <button
          type="button"
          disabled={!good || numbers.length !== 2}
          onClick={() => add({ points: [...question.points, [x, y, 1]] })}
        >
          Add point
        </button>
        <button
          type="button"
          disabled={!good || numbers.length !== 2}
          onClick={() => add({ points: [...question.points, [x, y, 0]] })}
        >
          Add point outside
        </button>
        <button
          type="button"
          disabled={!good || numbers.length !== 4 || width <= 0 || height <= 0}
          onClick={() => add({ boxes: [...question.boxes, [x, y, width, height]] })}
        >
          Add box
        </button>
      </div>
    </details>
  );
}
