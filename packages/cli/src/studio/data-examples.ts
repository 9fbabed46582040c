import { drawnPicture, openDataset } from '@maskloom/data';
import { isBelow, realRoots, type StudioExample, type StudioQuestion } from '@maskloom/studio';
import type { DataChoice } from '../commands/data-options.js';
import type { ComparedImage } from '../compare/compared-image.js';
import { sampleImages } from '../compare/data-images.js';

/** A data set to be looked at. */
export interface ShownData extends Pick<DataChoice, 'annotations' | 'images' | 'drawn'> {
  /** Its folder. */
  readonly folder: string;
  /** Its form, as `data formats` lists them. */
  readonly format: string;
  /** Which part; the format's first choice when absent. */
  readonly split?: string | undefined;
  /** Who split a REFER data set. */
  readonly splitBy?: string | undefined;
}

/** Pictures of a data set that are listed. */
const MOST = 5000;

/**
 * The pictures of a data set, each with its own questions and what is true; annotations are read when a picture is opened.
 * @param note - told what was left out: a picture outside of the folders that were named, records that cannot be read
 * @throws MaskloomError DATA_*, OPTION_INVALID
 */
export async function dataExamples(
  { folder, format, ...options }: ShownData,
  note: (message: string) => void,
  signal: AbortSignal,
): Promise<readonly StudioExample[]> {
  const roots = await realRoots([folder, ...(options.images === undefined ? [] : [options.images])]);
  const onProblem = ({ code, message }: { readonly code: string; readonly message: string }): void =>
    note(`left out: ${code}: ${message}`);
  const dataset = await openDataset(format, folder, { ...options, signal, onProblem });
  const examples: StudioExample[] = [];
  let outside = 0;
  for await (const sample of dataset.samples()) {
    if (examples.length === MOST) {
      note(`the first ${MOST} pictures of ${folder} are listed`);
      break;
    }
    if (!(await isBelow(sample.path, roots))) {
      outside++;
      continue;
    }
    examples.push({
      path: sample.path,
      name: sample.id,
      asStored: async () => (await drawnPicture(sample.path, sample, dataset.drawn)).drawn === 'stored',
      questions: async () => (await sampleImages(sample, dataset)).map(questionOf),
    });
  }
  if (outside > 0)
    note(`${outside} pictures of ${folder} are not there, or not in the folders that were named`);
  return examples;
}

function questionOf({ text, labels, task = 'free', truth }: ComparedImage): StudioQuestion {
  return {
    ask: {
      ...(text === undefined ? {} : { text }),
      ...(labels === undefined ? {} : { labels: [...labels] }),
    },
    task,
    ...(truth === undefined ? {} : { truth: truth.segments }),
  };
}
