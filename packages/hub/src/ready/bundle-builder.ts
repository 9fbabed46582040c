import { BUNDLE_SCHEMA, type BundleManifest, type BundleModel, type BundleRecipe } from '@maskloom/runtime';
import { MaskloomError, type DType, type ModelPort } from '@maskloom/core';
import type { GraphEditor } from '../onnx/graph-editor.js';
import type { GraphFile } from '../onnx/graph-file.js';
import { ELEMENT, type GraphPort } from '../onnx/messages.js';
import { STORED, type ReadyGraph } from './dtypes.js';
import { makeGraph } from './made-graphs.js';
import type { RepositoryFiles } from './repository-files.js';

const NAMES = new Map<number, DType>(
  Object.entries(ELEMENT).flatMap(([name, n]) => (name === 'int8' ? [] : [[n, name as DType]])),
);

/** What stands in a manifest besides its models. */
export interface Facts {
  readonly license: string;
  readonly origin: Readonly<Record<string, unknown>>;
}

/** How a graph is used whose ports have other names than the SDK's. */
export interface Use {
  /** The file's names by the SDK's. */
  readonly names?: Readonly<Record<string, string>>;
  /** int64 inputs [B, T] that the SDK feeds and that some graphs have no use for. */
  readonly accepts?: readonly string[];
}

/** A manifest that grows model by model, and where the files lie that are not the repository's own. */
export class BundleBuilder {
  readonly #files: RepositoryFiles;
  readonly #facts: Facts;
  readonly #models: Record<string, BundleModel> = {};
  readonly #presets: Record<string, unknown> = {};
  readonly #recipes: Record<string, BundleRecipe> = {};
  readonly #elsewhere = new Map<string, string>();
  #tokenizer: BundleManifest['tokenizer'];

  constructor(files: RepositoryFiles, facts: Facts) {
    this.#files = files;
    this.#facts = facts;
  }

  /**
   * Adds a graph as the repository has it.
   * @param wanted - outputs of the file that the SDK asks for
   * @returns its id
   * @throws MaskloomError MODEL_UNSUPPORTED when an output is missing, naming those that it has
   */
  async use(graph: ReadyGraph, file: GraphFile, wanted: readonly string[], use: Use = {}): Promise<string> {
    for (const name of wanted) {
      if (file.outputs.some((port) => port.name === name)) continue;
      throw new MaskloomError('MODEL_UNSUPPORTED', `The graph ${graph.file.path} gives no '${name}'.`, {
        where: this.#files.id,
        hint: `It gives: ${file.outputs.map((port) => port.name).join(', ')}.`,
      });
    }
    const inputs = takenPorts(file);
    const ours = new Map(Object.entries(use.names ?? {}).map(([name, inFile]) => [inFile, name]));
    const named = (port: GraphPort): ModelPort =>
      this.#port(graph, { ...port, name: ours.get(port.name) ?? port.name });
    const ignored = (use.accepts ?? []).filter((name) => !inputs.some((port) => port.name === name));
    const accepted = ignored.map((name): ModelPort => ({ name, dtype: 'int64', shape: ['B', 'T'] }));
    const names = { ...use.names, ...Object.fromEntries(ignored.map((name) => [name, ''])) };
    this.#models[graph.stem] = {
      ...(await this.#files.entry(graph.file)),
      dtype: STORED[graph.dtype],
      inputs: [...inputs.map(named), ...accepted],
      outputs: file.outputs.filter(({ name }) => wanted.includes(name)).map(named),
      ...(Object.keys(names).length > 0 ? { names } : {}),
      data: await Promise.all(graph.data.map((data) => this.#files.entry(data))),
    };
    return graph.stem;
  }

  /**
   * Adds a graph that is made from one of the repository's.
   * @param id - the model's id in the manifest
   * @param recipe - everything besides the graph that has a say in the result
   * @param edit - makes it; not called when it was made before
   * @returns its id
   */
  async make(
    graph: ReadyGraph,
    id: string,
    recipe: unknown,
    edit: (file: GraphFile) => GraphEditor | Promise<GraphEditor>,
  ): Promise<string> {
    const data = await Promise.all(graph.data.map((one) => this.#files.entry(one)));
    const made = await makeGraph({
      folder: this.#files.open.settings.madeFiles,
      from: this.#files.id,
      source: this.#files.path(graph.file.path),
      files: [await this.#files.entry(graph.file), ...data],
      data: graph.data.map(({ path }) => this.#files.path(path)),
      recipe: [id, recipe],
      edit: async () => edit(await this.#files.graph(graph)),
      signal: this.#files.options.signal,
    });
    const name = (file: string): string => `made/${id}/${file.split('/').at(-1) ?? file}`;
    const file = name(graph.file.path);
    this.#elsewhere.set(file, made.path);
    const beside = data.map((entry) => {
      this.#elsewhere.set(name(entry.file), made.data.get(entry.file.split('/').at(-1) ?? '') ?? made.path);
      return { ...entry, file: name(entry.file) };
    });
    this.#models[id] = {
      file,
      bytes: made.bytes,
      sha256: made.sha256,
      dtype: STORED[graph.dtype],
      inputs: made.inputs.map((port) => this.#port(graph, port)),
      outputs: made.outputs.map((port) => this.#port(graph, port)),
      data: beside,
    };
    return id;
  }

  /** Adds a group of constants. */
  preset(name: string, values: Readonly<Record<string, unknown>>): void {
    this.#presets[name] = values;
  }

  /** Says which models fill the roles of a recipe. */
  recipe(id: string, models: Readonly<Record<string, string>>): void {
    this.#recipes[id] = { models };
  }

  /** Adds the repository's tokenizer. @throws MaskloomError MODEL_UNSUPPORTED when it has none */
  async tokenizer(): Promise<void> {
    const files = ['tokenizer.json', 'tokenizer_config.json'].flatMap(
      (name) => this.#files.listed(name) ?? [],
    );
    if (files[0]?.path !== 'tokenizer.json') {
      throw new MaskloomError('MODEL_UNSUPPORTED', 'The repository has no tokenizer.json.', {
        where: this.#files.id,
        hint: 'Take a repository made for transformers.js, or convert the checkpoint with the training kit.',
      });
    }
    this.#tokenizer = { files: await Promise.all(files.map((file) => this.#files.entry(file))) };
  }

  /** The manifest as text, and where the made files lie. */
  finish(): { readonly manifest: BundleManifest; readonly elsewhere: ReadonlyMap<string, string> } {
    const manifest: BundleManifest = {
      schema: BUNDLE_SCHEMA,
      name: this.#files.id,
      version: this.#files.open.commit,
      ...this.#facts,
      models: this.#models,
      ...(this.#tokenizer === undefined ? {} : { tokenizer: this.#tokenizer }),
      presets: this.#presets,
      recipes: this.#recipes,
    };
    return { manifest, elsewhere: this.#elsewhere };
  }

  #port(graph: ReadyGraph, { name, element, shape }: GraphPort): ModelPort {
    const dtype = NAMES.get(element);
    if (dtype !== undefined) return { name, dtype, shape };
    throw new MaskloomError(
      'MODEL_UNSUPPORTED',
      `The port '${name}' has an element type that is not known here (${element}).`,
      {
        where: `${this.#files.id}: ${graph.file.path}`,
        hint: `Known: ${[...NAMES.values()].join(', ')}.`,
      },
    );
  }
}

/** Inputs that have to be fed: old graphs list their constants among the inputs too. */
export function takenPorts(file: GraphFile): readonly GraphPort[] {
  return file.inputs.filter(({ name }) => !file.initializers.has(name));
}
