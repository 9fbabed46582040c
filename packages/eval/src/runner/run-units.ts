import { basename } from 'node:path';
import { protocolNamed } from '../protocols/protocols.js';
import type { Json } from '../ledger/line.js';
import type { JobUnit } from './messages.js';
import type { PlannedUnit, RunPlan, RunWork, Subject } from './run-plan.js';
import type { SceneStore } from './scenes/scene-store.js';
import { contentHash, unitKey } from './unit-key.js';

/** A unit with what it belongs to. */
export interface SceneUnit extends PlannedUnit, JobUnit {
  /** The scene's place in its part. */
  readonly index: number;
}

interface SceneFacts {
  readonly id: number | string;
  readonly image: string;
  readonly hash: string;
  /** Names of the protocols that have a question. */
  readonly protocols: readonly string[];
}

/** The units of a run, found again in the same order whenever it is asked. */
export class RunUnits {
  readonly #plan: RunPlan;
  readonly #stores: ReadonlyMap<string, SceneStore>;
  /** Hash of what a protocol's counts depend on, by part and protocol. */
  readonly #protocols = new Map<string, string>();
  /** Hash of each subject. */
  readonly #subjects: readonly string[];
  /** What is needed of each scene again and again, by part. */
  readonly #facts = new Map<string, SceneFacts[]>();

  /** @param stores - scenes of each part that there are */
  constructor(plan: RunPlan, stores: ReadonlyMap<string, SceneStore>) {
    this.#plan = plan;
    this.#stores = stores;
    this.#subjects = plan.subjects.map(subjectHash);
  }

  /** Names of the parts that have scenes, in the plan's order. */
  get parts(): readonly string[] {
    return this.#plan.parts.map(({ name }) => name).filter((name) => this.#stores.has(name));
  }

  /** The scenes of a part. */
  store(part: string): SceneStore | undefined {
    return this.#stores.get(part);
  }

  /** All units of one scene: every protocol that has a question, every subject that has weights. */
  ofScene(part: string, index: number): readonly SceneUnit[] {
    const store = this.#stores.get(part);
    if (store === undefined) return [];
    const { hash, protocols } = this.#factsOf(part, store, index);
    return this.#plan.work
      .filter((work) => work.part === part && protocols.includes(work.protocol))
      .flatMap((work) => work.subjects.map((subject) => this.#unit(work, subject, index, hash)))
      .filter((unit) => unit !== undefined);
  }

  /** The id of a scene's image. */
  idOf(part: string, index: number): number | string {
    return this.#factsOf(part, this.#stores.get(part) as SceneStore, index).id;
  }

  /** A scene's image as a reader finds it: the name of its file, and its id in the set where that is another. */
  nameOf(part: string, index: number): string {
    const { id, image } = this.#factsOf(part, this.#stores.get(part) as SceneStore, index);
    const name = basename(image);
    return name.replace(/\.[^.]*$/, '') === String(id) ? name : `${name} (${id})`;
  }

  #factsOf(part: string, store: SceneStore, index: number): SceneFacts {
    const known = this.#facts.get(part) ?? [];
    this.#facts.set(part, known);
    const found = known[index];
    if (found !== undefined) return found;
    const scene = store.read(index);
    const names = new Set(
      this.#plan.work.filter((work) => work.part === part).map(({ protocol }) => protocol),
    );
    const facts = {
      id: scene.id,
      image: scene.image,
      hash: store.hash(index),
      protocols: [...names].filter((name) => protocolNamed(name).applies(scene)),
    };
    known[index] = facts;
    return facts;
  }

  #unit(work: RunWork, subject: number, index: number, scene: string): SceneUnit | undefined {
    const tested = this.#plan.subjects[subject];
    const { part, protocol } = work;
    if (tested === undefined || tested.missing !== undefined || tested.cannot?.includes(protocol) === true)
      return undefined;
    const unit = { subject, part, protocol };
    const key = unitKey(this.#subjects[subject] ?? '', this.#counted(part, protocol), scene);
    return { ...unit, index, key, unit: unit satisfies Json };
  }

  #counted(part: string, name: string): string {
    const id = `${part}\n${name}`;
    const known = this.#protocols.get(id);
    if (known !== undefined) return known;
    const protocol = protocolNamed(name);
    const head = this.#stores.get(part)?.head;
    const measures = head === undefined ? [] : protocol.measures(head, this.#plan.switches);
    const counted = contentHash({
      name,
      version: protocol.version,
      answers: protocol.canForce === true ? this.#plan.switches.answers : 'generated',
      measures: measures.map((measure) => ({ name: measure.name, switches: measure.switches })),
    });
    this.#protocols.set(id, counted);
    return counted;
  }
}

/** Hash of what of a subject changes its results: not where its bundle lies, nor what is said about it. */
export function subjectHash({ recipe, overrides, weights, code }: Subject): string {
  return contentHash({ recipe, overrides, models: weights?.models, constants: weights?.constants, code });
}
