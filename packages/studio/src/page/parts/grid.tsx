import { createRowView, type RowView } from '@maskloom/report/viewer';
import { Fragment } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { Column, OpenPicture, Question, Reference } from '../state/model.js';
import type { Studio } from '../state/studio.js';
import { tilesOf } from '../state/tiles.js';
import { toolOf } from '../state/tools.js';
import { Cell } from './cell.js';
import { TalkForm } from './talk-form.js';

/** The picture by itself and through every system that was asked; all of them zoom and pan together. */
export function Grid({ studio }: { readonly studio: Studio }) {
  const asked = studio.current.value;
  const picture = asked?.picture ?? studio.picture.value;
  if (picture === undefined) return <p class="empty">Open, drop or paste a picture.</p>;
  const references = (asked?.own ?? studio.own.value)?.references ?? [];
  return (
    <Row
      key={picture.id}
      studio={studio}
      picture={picture}
      references={references}
      columns={asked?.columns ?? []}
    />
  );
}

interface RowProps {
  readonly studio: Studio;
  readonly picture: OpenPicture;
  /** The truth, and what was answered before. */
  readonly references: readonly Reference[];
  readonly columns: readonly Column[];
}

function Row({ studio, picture, references, columns }: RowProps) {
  const row = useMemo(() => openRow(picture, studio), [picture, studio]);
  useEffect(() => () => row.close(), [row]);
  const question = studio.question.value;
  const tool = studio.tool.value;
  useEffect(() => {
    row.marks = marksOf(question);
    row.refresh();
  }, [row, question]);
  useEffect(() => {
    row.tool = toolOf(tool, studio, picture.size);
  }, [row, tool, studio, picture]);
  return (
    <ul class="grid" aria-label="Results">
      <Cell row={row} picture={picture} title={picture.name} place={0} kind="image" />
      {references.map(({ kind, title, view, score }, i) => (
        <Cell
          key={`${title} ${i}`}
          row={row}
          picture={picture}
          title={title}
          place={1 + i}
          kind={kind === 'truth' ? 'truth' : 'result'}
          view={view}
          score={score}
        />
      ))}
      {columns.map((column, i) => (
        <Turns
          key={`${studio.shown.value} ${i}`}
          studio={studio}
          row={row}
          picture={picture}
          column={column}
          place={i}
          before={references.length}
        />
      ))}
    </ul>
  );
}

interface TurnsProps extends Omit<RowProps, 'columns' | 'references'> {
  readonly row: RowView;
  readonly column: Column;
  readonly place: number;
  /** Cells between the picture and the first answer. */
  readonly before: number;
}

/** A system's answer, and each turn of the conversation about it beside the one before. */
function Turns({ studio, row, picture, column, place, before }: TurnsProps) {
  const { recipe } = column.choice;
  const steps = column.record?.steps ?? [];
  const count = Math.max(1, steps.length);
  const turns = Array.from({ length: count }, (_, turn) => turn);
  return (
    <Fragment>
      {turns.map((turn) => (
        <Cell
          key={turn}
          row={row}
          picture={picture}
          title={turn === 0 ? recipe : `${recipe}: “${steps[turn]?.instruction?.say ?? ''}”`}
          place={place + before + 1}
          kind="result"
          column={column}
          view={column.views[turn]}
          score={column.scores[turn]}
          last={turn === count - 1}
          ignores={turn === 0 ? column.ignores : []}
        >
          {turn === count - 1 && <TalkForm studio={studio} column={column} place={place} />}
        </Cell>
      ))}
    </Fragment>
  );
}

function openRow(picture: OpenPicture, { settings, api }: Studio): RowView {
  const { bitmap, halves, size } = picture;
  const detail = tilesOf(api, picture, () => row.refresh());
  const row: RowView = createRowView(
    { source: bitmap, halves, detail, width: bitmap.width, height: bitmap.height },
    size,
    settings,
  );
  return row;
}

function marksOf({ points, boxes, strokes }: Question): RowView['marks'] {
  return {
    points: { xy: points.flatMap(([x, y]) => [x, y]), labels: points.map(([, , label]) => label) },
    boxes,
    outlines: strokes.map(({ xy }) => xy),
  };
}
