import type { CellView, RowView } from '@maskloom/report/viewer';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { AnswerScore, Column, OpenPicture, ResultView } from '../state/model.js';
import { Markup } from './markup.js';
import { Score } from './score.js';

interface CellProps {
  readonly row: RowView;
  readonly picture: OpenPicture;
  readonly title: string;
  readonly place: number;
  readonly column?: Column;
  readonly kind: 'image' | 'truth' | 'result';
  readonly view?: ResultView | undefined;
  readonly score?: AnswerScore | undefined;
  /** Parts of the question that the system does not read. */
  readonly ignores?: readonly string[];
  /** The newest turn: shows how far the system is. */
  readonly last?: boolean;
  readonly children?: ComponentChildren;
}

/** A picture with one system's masks, and below it what the system says. */
export function Cell({
  row,
  picture,
  title,
  place,
  kind,
  column,
  view,
  score,
  ignores = [],
  last,
  children,
}: CellProps) {
  const element = useRef<HTMLDivElement>(null);
  const cell = useRef<CellView | undefined>(undefined);
  const [shown, setShown] = useState<ResultView>();
  useEffect(() => {
    if (element.current === null) return;
    const made = row.add(element.current);
    cell.current = made;
    return () => made && row.remove(made);
  }, [row]);
  useEffect(() => {
    if (cell.current === undefined || view === undefined) return;
    row.show(cell.current, view.cell, () => setShown(view));
  }, [row, view]);
  // The list comes with the masks: lists of many cells at once would hold the page up.
  useEffect(() => {
    if (cell.current !== undefined && shown !== undefined) row.list(cell.current);
  }, [row, shown]);
  const [height, width] = picture.size;
  return (
    <li class="cell" aria-busy={column?.progress.state === 'running'}>
      <h3>{title}</h3>
      <div
        ref={element}
        class="view"
        tabIndex={0}
        role="img"
        data-column={place}
        data-shown={shown === undefined ? undefined : ''}
        data-kind={kind}
        aria-label={`${title}: ${view?.found ?? 'the picture'}`}
        style={{ aspectRatio: String(Math.max(0.7, width / height)) }}
      >
        <canvas />
      </div>
      <div class="below">
        {last === true && column !== undefined && column.progress.state !== 'done' && (
          <Working column={column} />
        )}
        {shown !== undefined && ignores.length > 0 && (
          <p class="about">does not read the {ignores.join(', ')}</p>
        )}
        {shown !== undefined && score !== undefined && <Score score={score} />}
        {shown !== undefined && <Markup text={shown.below} />}
        {children}
      </div>
    </li>
  );
}

function Working({ column: { progress } }: { readonly column: Column }) {
  const failed = progress.state === 'failed';
  return (
    <div aria-live="polite">
      <p class={failed ? 'error' : 'about'}>{progress.note}</p>
      {progress.text !== '' && (
        <p class="answer">
          <span class="said">answer</span> {progress.text}
        </p>
      )}
    </div>
  );
}
