import type { Segment, Task } from '@maskloom/core';
import type { Question } from '../ask/request-schema.js';
import type { SystemChoice } from '../systems/choice.js';

/** What somebody answered before, e.g. in an evaluation run. */
export interface StudioAnswer {
  /** Whose it is, as it is shown. */
  readonly by: string;
  /** What was found; none for a refusal. */
  readonly segments: readonly Segment[];
}

/** Something that is asked about a picture, and what is true. */
export interface StudioQuestion {
  /** What is asked; nothing in particular when it is empty. */
  readonly ask: Question;
  /** What kind of question it is: says how answers are compared with the truth. */
  readonly task: Task;
  /** What is really there, at the picture's size; nothing where the right answer is to refuse; absent when it is not known. */
  readonly truth?: readonly Segment[];
  /** What was answered before. */
  readonly answer?: StudioAnswer;
  /** As lists show it beside the words. */
  readonly note?: string;
}

/** A picture that is listed with what is to be asked about it: one of a data set, or of the worst of a run. */
export interface StudioExample {
  /** Its file. */
  readonly path: string;
  /** As it is listed. */
  readonly name: string;
  /** Who was asked; the page asks the same. */
  readonly system?: SystemChoice;
  /** Whether it is read as it is stored, without its EXIF orientation; as it is shown when absent. */
  readonly asStored?: () => Promise<boolean>;
  /** What is asked, in order; read when the picture is opened. */
  readonly questions: () => Promise<readonly StudioQuestion[]>;
}
