import type { ModelPort } from '@maskloom/core';

/** The manifest version this package reads. */
export const BUNDLE_SCHEMA = 'maskloom.bundle/1';

/** A file of a bundle. */
export interface BundleFile {
  /** Path inside the bundle, with forward slashes. */
  readonly file: string;
  /** Size of the file. */
  readonly bytes: number;
  /** SHA-256 of its contents, lower-case hexadecimal. */
  readonly sha256: string;
}

/** One model of a bundle. */
export interface BundleModel extends BundleFile {
  /** Element type of the stored weights (`float32`, `float16`, `int8`, `int4` or `nf4`, the most common one); what crosses the edge is in the ports. */
  readonly dtype: string;
  /** What the graph takes. */
  readonly inputs: readonly ModelPort[];
  /** What the graph gives. */
  readonly outputs: readonly ModelPort[];
  /**
   * Names of ports in the file where it has others than those above; an input that stands for '' is accepted and has no
   * port in the file.
   */
  readonly names?: Readonly<Record<string, string>> | undefined;
  /** Weights stored beside the graph (graphs over 2 GB). */
  readonly data?: readonly BundleFile[] | undefined;
}

/** The models and constants of one recipe. */
export interface BundleRecipe {
  /** Model id of each role. */
  readonly models: Readonly<Record<string, string>>;
  /** Which prompts its mask decoder was trained with: `none`, `only` points, points `with-embedding`. */
  readonly points?: string | undefined;
  /** Constants that differ from the bundle's, by preset. */
  readonly presets?: Readonly<Record<string, unknown>> | undefined;
  /** True when the weights were trained for this recipe, false when another recipe's are reused. */
  readonly trainedFor?: boolean | undefined;
  /** Figures that the training kit measured on held-out data. */
  readonly heldOut?: Readonly<Record<string, unknown>> | undefined;
}

/** `bundle.json`, version `maskloom.bundle/1`. */
export interface BundleManifest {
  /** {@link BUNDLE_SCHEMA}. */
  readonly schema: typeof BUNDLE_SCHEMA;
  /** The bundle's name, for provenance. */
  readonly name: string;
  /** The bundle's own version. */
  readonly version: string;
  /** Licence of the weights (SPDX). */
  readonly license: string;
  /** Who trained it, on what data, from which seed and configuration. */
  readonly origin: Readonly<Record<string, unknown>>;
  /** Models by id. */
  readonly models: Readonly<Record<string, BundleModel>>;
  /** The tokenizer's files: `tokenizer.json` and, when there is one, `tokenizer_config.json`. */
  readonly tokenizer?:
    | {
        /** With their sizes and hashes. */
        readonly files: readonly BundleFile[];
      }
    | undefined;
  /** Constants by group, e.g. `sam`, `clip`, `llava`, `sasp`. */
  readonly presets: Readonly<Record<string, unknown>>;
  /** Recipes by id (`system/name`). */
  readonly recipes: Readonly<Record<string, BundleRecipe>>;
  /** Figures of pieces that recipes share. */
  readonly heldOut?: Readonly<Record<string, unknown>> | undefined;
}
