import { createRowView, type RowView } from '@maskloom/report/viewer';
import { useEffect, useMemo } from 'preact/hooks';
import type { Column, OpenPicture } from '../state/model.js';
import type { Studio } from '../state/studio.js';
import { Cell } from './cell.js';

/** The picture by itself and through every system that was asked; all of them zoom and pan together. */
export function Grid({ studio }: { readonly studio: Studio }) {
  const asked = studio.current.value;
  const picture = asked?.picture ?? studio.picture.value;
  if (picture === undefined) return <p class="empty">Open, drop or paste a picture.</p>;
  return <Row key={picture.id} studio={studio} picture={picture} columns={asked?.columns ?? []} />;
}

interface RowProps {
  readonly studio: Studio;
  readonly picture: OpenPicture;
  readonly columns: readonly Column[];
}

function Row({ studio, picture, columns }: RowProps) {
  const row = useMemo(() => openRow(picture, studio), [picture, studio]);
  useEffect(() => () => row.close(), [row]);
  const question = studio.question.value;
  useEffect(() => {
    row.marks = {
      points: {
        xy: question.points.flatMap(([x, y]) => [x, y]),
        labels: question.points.map(([, , label]) => label),
      },
      boxes: question.boxes,
      outlines: [],
    };
    row.refresh();
  }, [row, question]);
  return (
    <ul class="grid" aria-label="Results">
      <Cell row={row} picture={picture} title={picture.name} place={0} />
      {columns.map((column, i) => (
        <Cell
          key={`${studio.shown.value} ${i}`}
          row={row}
          picture={picture}
          title={column.choice.recipe}
          place={i + 1}
          column={column}
          view={column.views.at(-1)}
        />
      ))}
    </ul>
  );
}

function openRow({ bitmap, size }: OpenPicture, { settings }: Studio): RowView {
  return createRowView({ source: bitmap, width: bitmap.width, height: bitmap.height }, size, settings);
}
