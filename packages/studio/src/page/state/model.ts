import type { CellData } from '@maskloom/report/viewer';

/** A picture as the server lists it. */
export interface PictureEntry {
  readonly id: string;
  readonly name: string;
  readonly from: 'folder' | 'upload';
  /** Questions come with it. */
  readonly asked?: true;
}

/** A picture that is shown. */
export interface OpenPicture extends PictureEntry {
  /** Height and width of the original. */
  readonly size: readonly [number, number];
  /** What is painted, at most the longest side that the page asks for. */
  readonly bitmap: ImageBitmap;
  /** The same at halves, quarters and so on of the size. */
  readonly halves: readonly ImageBitmap[];
}

/** A question as the server takes it; what is empty is left out. */
export interface Ask {
  readonly text?: string;
  readonly labels?: readonly string[];
  readonly prompts?: readonly {
    readonly box?: Rectangle;
    readonly points?: readonly Point[];
    /** Run lengths in COCO form. */
    readonly mask?: unknown;
  }[];
  readonly descriptions?: Descriptions;
}

/** A question that comes with a picture. */
export interface OwnQuestion {
  readonly ask: Ask;
  readonly note?: string;
  /** Whether it is known what is right. */
  readonly truth: boolean;
}

/** The truth of a question, or what was answered before. */
export interface Reference {
  readonly kind: 'truth' | 'recorded';
  readonly title: string;
  readonly view: ResultView;
  readonly score?: AnswerScore;
}

/** How an answer agrees with the truth. */
export interface AnswerScore {
  /** The answer's part of gIoU; absent for other questions than the picture's own. */
  readonly iou?: number;
  /** The mask that fits a true region best. */
  readonly best?: { readonly iou: number; readonly with?: string };
}

/** The questions that come with the picture that is shown, and which of them is looked at. */
export interface OwnQuestions {
  readonly all: readonly OwnQuestion[];
  readonly at: number;
  readonly references: readonly Reference[];
}

/** A system as the server lists it. */
export interface SystemEntry {
  readonly id: string;
  readonly summary: string;
  readonly tasks: readonly string[];
  readonly bundle: string;
}

/** A stage in the place of a recipe's own. */
export interface StageChoice {
  readonly stage: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** A device as the server found it. */
export interface DeviceEntry {
  readonly device: string;
  readonly available: boolean;
  readonly reason?: string;
  readonly remedy?: string;
}

/** Where systems can run. */
export interface Devices {
  /** The device of systems that name none. */
  readonly own: string;
  readonly devices: readonly DeviceEntry[];
}

/** A recipe and its swapped stages. */
export interface SystemChoice {
  readonly recipe: string;
  readonly stages: Readonly<Record<string, StageChoice>>;
  /** Where it runs; as the studio was started when absent. */
  readonly device?: string;
  /** The bundle's entry to take models of, in place of the recipe's. */
  readonly weights?: string;
}

/** What the server prepared for the viewer. */
export interface ResultView {
  readonly cell: CellData;
  readonly below: string;
  readonly found: string;
}

/** A turn as it is saved; more stands in it. */
export interface SavedStep {
  readonly instruction?: { readonly say: string; readonly situation?: string };
  readonly prediction: { readonly segments: readonly unknown[] };
}

/** What the server says of a conversation; passed back as it is. */
export interface ConversationRecord {
  readonly steps: readonly SavedStep[];
  readonly undone: readonly unknown[];
}

/** How far a system is with a question. */
export interface Progress {
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'stopped';
  /** What it does, or why it failed, in words. */
  readonly note: string;
  /** The answer as far as it is written. */
  readonly text: string;
}

/** One system's part of a question: its answer and what was said about it. */
export interface Column {
  readonly choice: SystemChoice;
  readonly progress: Progress;
  /** One view per turn, undone ones included. */
  readonly views: readonly ResultView[];
  /** Of each view, where the truth is known. */
  readonly scores: readonly (AnswerScore | undefined)[];
  /** Parts of the question that the system does not read. */
  readonly ignores: readonly string[];
  readonly record?: ConversationRecord;
}

/** Places on a picture: x, y and 1 (in the region) or 0. */
export type Point = readonly [number, number, 0 | 1];

/** x, y, width, height. */
export type Rectangle = readonly [number, number, number, number];

/** What classes look like, as `maskloom describe` writes it: sentences by class and attribute. */
export interface Descriptions {
  readonly schema: string;
  readonly classes: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** What is asked. */
export interface Question {
  readonly text: string;
  readonly labels: readonly string[];
  /** What the labels look like. */
  readonly descriptions?: Descriptions;
  readonly points: readonly Point[];
  readonly boxes: readonly Rectangle[];
  /** Regions drawn by hand. */
  readonly strokes: readonly Stroke[];
}

/** A region drawn by hand: an outline that is filled, or the way of a brush. */
export interface Stroke {
  /** Width of the brush in pixels of the picture; an outline when absent. */
  readonly brush?: number;
  /** x, y, interleaved. */
  readonly xy: readonly number[];
}

/** What the server says about itself. */
export interface StudioFacts {
  readonly version: string;
  readonly device: string;
  /** Recipes that refine. */
  readonly refiners: readonly string[];
  /** What can be said in a conversation: kinds with examples. */
  readonly sayable: readonly (readonly [string, readonly string[]])[];
  /** Columns that ablation tables can have. */
  readonly columns: readonly { readonly label: string; readonly task: string }[];
  /** What descriptions of classes speak of; none where they are refused. */
  readonly attributes: readonly string[];
  /** Forms of `--save` with what each writes. */
  readonly forms: Readonly<Record<string, string>>;
}

/** A stage that could fill a slot. */
export interface StageEntry {
  readonly stage: string;
  readonly summary: string;
  readonly misfit?: string;
  /** JSON schema of its options. */
  readonly options: { readonly properties?: Readonly<Record<string, OptionSchema>> };
}

/** The part of a JSON schema that forms are made of. */
export interface OptionSchema {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly format?: string;
  readonly default?: unknown;
  readonly anyOf?: readonly OptionSchema[];
}

/** A slot of a recipe. */
export interface SlotEntry {
  readonly slot: string;
  readonly summary: string;
  readonly stage: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly choices: readonly StageEntry[];
}

/** A question that was asked, and what came of it. */
export interface Asked {
  readonly picture: OpenPicture;
  readonly question: Question;
  /** The picture's own questions, of which it is one or a changed one. */
  readonly own: OwnQuestions | undefined;
  readonly columns: readonly Column[];
}
