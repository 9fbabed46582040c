import type { DeviceChoice, Registry, SpatialPrompt, Task } from '@maskloom/core';
import type { MaskForm } from '@maskloom/data';
import type { Progress } from '@maskloom/hub';
import type { PictureFormat } from '@maskloom/report';
import type { PromptVariant } from '@maskloom/lmseg';
import type { ComparedData } from './data-images.js';
import type { CompareFailure } from '../output/compare-failure.js';
import type { Predictions } from '../output/predictions.js';
import type { ComparedImage } from './compared-image.js';
import type { Queries } from './read-queries.js';
import type { StageSettings } from './stage-settings.js';

/** How classes are described. */
export interface Wording {
  /** The name, a template, one attribute, or all of them. */
  readonly prompts: PromptVariant;
  /** JSON file with the descriptions; the bundle's own world when absent. */
  readonly descriptions?: string;
}

/** What to compare, and how. */
export interface CompareOptions {
  /** Files, folders and glob patterns, or images with questions of their own. */
  readonly images: readonly (string | ComparedImage)[];
  /** Systems (`read`), recipes (`read/full`) or `all`; every recipe of the bundle that can do the task when absent. */
  readonly systems?: readonly string[];
  /** What to do; `referring` when absent. */
  readonly task?: Task;
  /** The phrase or question for images without one of their own. */
  readonly text?: string;
  /** Candidate names, for tasks over a list of classes. */
  readonly labels?: readonly string[];
  /** How classes are described to systems that compare images with descriptions; their own way when absent. */
  readonly wording?: Wording;
  /** Other stages, or other options of stages, in every chosen recipe that has the slot. */
  readonly settings?: StageSettings;
  /** The regions pointed at in every image: for the task `prompted`; elsewhere they restrict what systems propose. */
  readonly prompts?: readonly SpatialPrompt[];
  /** Texts per image, see `readQueries`. */
  readonly queries?: Queries;
  /**
   * An embedded bundle's name, a bundle's folder or a repository of a model hub (`hub:owner/name`), or several: the first that
   * has a recipe's weights gives it; `tiny` when absent.
   */
  readonly bundle?: string | readonly string[];
  /** Where models run; `auto` when absent. */
  readonly device?: DeviceChoice;
  /** Folder for predictions, pictures and the report; nothing is written when absent. */
  readonly out?: string;
  /** Pictures of a data set with what is really in them, before the others. */
  readonly data?: ComparedData;
  /**
   * Overlays and maps as files beside the report; `none` when absent: the report shows the same masks, and pictures of many images
   * by many recipes take gigabytes.
   */
  readonly pictures?: 'none' | PictureFormat;
  /**
   * True goes on with what an interrupted comparison of the same folder left; false throws that away; either keeps what is done
   * when this one is interrupted. Nothing is kept when absent.
   */
  readonly resume?: boolean;
  /** Told how many images are kept when the comparison is interrupted. */
  readonly onKept?: (images: number, total: number) => void;
  /** Forms in which masks are written into the folder besides; none when absent. */
  readonly save?: readonly MaskForm[];
  /** The report's title and where its ground truth comes from. */
  readonly report?: {
    /** The page's title. */
    readonly title?: string;
    /** A sentence about where the ground truth comes from. */
    readonly truthNote?: string;
  };
  /** Largest width * height of a picture that is read; 100,000,000 when absent. */
  readonly maxPixels?: number;
  /** Systems to choose from; those that come with the command when absent. */
  readonly registry?: Registry;
  /** Ends the comparison; nothing is left behind. */
  readonly signal?: AbortSignal;
  /** Told after every image. */
  readonly onProgress?: (progress: CompareProgress) => void;
  /** Told several times a second how far the download of a bundle is. */
  readonly onFetch?: (progress: Progress) => void;
  /** Told what the reader should know, once each. */
  readonly onWarning?: (message: string) => void;
  /** Told what a language model has written so far, after each token. */
  readonly onText?: (written: { readonly recipe: string; readonly text: string }) => void;
}

/** How far a comparison is. */
export interface CompareProgress {
  /** Images done. */
  readonly done: number;
  /** Images in all. */
  readonly total: number;
  /** The image just done. */
  readonly path: string;
}

/** One recipe's part of a comparison. */
export interface RecipeTotals {
  /** `system/recipe`. */
  readonly recipe: string;
  /** Images with a result. */
  readonly images: number;
  /** Results whose answer asks for no mask. */
  readonly refusals: number;
  /** Results that were no refusal and have no pixel. */
  readonly empties: number;
  /** Mean of the summed stage times, milliseconds. */
  readonly meanMs: number;
  /** Summed intersection over summed union with the ground truth, 0..1, over images that have one with segments. */
  readonly cumulativeIou?: number;
}

/** A comparison's outcome. */
export interface CompareResult {
  /** Every result, image by image, recipe by recipe: the content of `predictions.json`. */
  readonly predictions: Predictions;
  /** What did not work. */
  readonly failures: readonly CompareFailure[];
  /** One entry per recipe, in the order of the report's columns. */
  readonly totals: readonly RecipeTotals[];
  /** Where ground truth came from, when there was any: generated scenes, or a data set. */
  readonly truth?: 'generated' | 'data set';
  /** Devices that really ran models. */
  readonly devices: readonly string[];
  /** The report's path, when a folder was given. */
  readonly report?: string;
}
