import { MaskloomError } from '@maskloom/core';
import type { ListedFile } from '../client/look-up.js';

/** File name suffixes of the forms in which ready-made repositories hold their graphs (transformers.js, optimum). */
const SUFFIXES = {
  fp32: '',
  fp16: '_fp16',
  q8: '_quantized',
  int8: '_int8',
  uint8: '_uint8',
  q4: '_q4',
  q4f16: '_q4f16',
  bnb4: '_bnb4',
} as const;

/** A form of stored weights: float32, float16, 8-bit, 4-bit, 4-bit with float16 between, 4-bit NF4. */
export type HubDType = keyof typeof SUFFIXES;

/** All forms. */
export const HUB_DTYPES = Object.keys(SUFFIXES) as readonly HubDType[];

/** How a bundle's manifest calls each form. */
export const STORED: Readonly<Record<HubDType, string>> = {
  fp32: 'float32',
  fp16: 'float16',
  q8: 'int8',
  int8: 'int8',
  uint8: 'int8',
  q4: 'int4',
  q4f16: 'int4',
  bnb4: 'nf4',
};

/** Which form of each graph is wanted: one for all, or by the graph's name (`vision_encoder`). */
export type DTypeChoice = HubDType | Readonly<Record<string, HubDType>>;

/** The form wanted of one graph; float32 unless another is named. */
export function dtypeOf(choice: DTypeChoice | undefined, stem: string): HubDType {
  return (typeof choice === 'string' ? choice : choice?.[stem]) ?? 'fp32';
}

/** A graph of a repository with the files that hold its weights. */
export interface ReadyGraph {
  readonly stem: string;
  readonly dtype: HubDType;
  readonly file: ListedFile;
  /** Weights beside it. */
  readonly data: readonly ListedFile[];
}

/**
 * Finds a graph in a repository: in the folder `onnx`, or beside the configuration as optimum writes it.
 * @returns `undefined` when the repository has it in no form
 * @throws MaskloomError HUB_NOT_FOUND when it has it in other forms only, naming them
 */
export function findGraph(
  files: readonly ListedFile[],
  stem: string,
  choice: DTypeChoice | undefined,
): ReadyGraph | undefined {
  const named = new Map(files.map((file) => [file.path, file]));
  const at = (dtype: HubDType): ListedFile | undefined =>
    ['onnx/', '']
      .map((folder) => named.get(`${folder}${stem}${SUFFIXES[dtype]}.onnx`))
      .find((file) => file !== undefined);
  const dtype = dtypeOf(choice, stem);
  const file = at(dtype);
  if (file === undefined) {
    const others = HUB_DTYPES.filter((other) => at(other) !== undefined);
    if (others.length === 0) return undefined;
    throw new MaskloomError('HUB_NOT_FOUND', `The repository has no ${stem} in the form ${dtype}.`, {
      where: `${stem}${SUFFIXES[dtype]}.onnx`,
      hint: `It has: ${others.join(', ')}.`,
    });
  }
  // Chunk 0 has no number: model.onnx_data, model.onnx_data_1, ... (transformers.js); optimum's own name differs in nothing.
  const data = files.filter(
    ({ path }) =>
      path === `${file.path}_data` ||
      (/^_data_\d+$/.test(path.slice(file.path.length)) && path.startsWith(file.path)),
  );
  return { stem, dtype, file, data };
}
