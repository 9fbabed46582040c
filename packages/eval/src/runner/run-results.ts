import { MaskloomError } from '@maskloom/core';
import type { Ledger, UnitFailure } from '../ledger/ledger.js';
import type { Accumulator, Measure } from '@maskloom/metrics';
import { protocolNamed } from '../protocols/protocols.js';
import type { KeptAnswer } from '../protocols/protocol.js';
import type { RunPlan } from './run-plan.js';
import type { FigureSource } from '../ablation/ablation.js';
import type { RunUnits } from './run-units.js';
import { swappedAnswers } from './swapped-answers.js';

/** What was counted for one subject, part and protocol. */
export interface Counted {
  /** By measure, in the protocol's order. */
  readonly sums: readonly Accumulator<unknown>[];
  /** Scenes with a result. */
  readonly images: number;
  /** Scenes without one: failed, or not computed yet. */
  readonly lacking: number;
  /** Why the first of those that failed did. */
  readonly failure?: UnitFailure;
  /** Devices that ran, sorted. */
  readonly devices: readonly string[];
}

/** A unit's stored result. */
export interface StoredResult {
  /** SHA-256 of the image file. */
  readonly image: string;
  /** Wall time of the questions in milliseconds. */
  readonly ms: number;
  /** Of it each stage's, by the stage's name; absent in results of earlier versions. */
  readonly stages?: Readonly<Record<string, number>>;
  /** Devices that ran, each once. */
  readonly devices: readonly string[];
  /** The image's part of each measure's sums, by measure. */
  readonly parts: Readonly<Record<string, unknown>>;
  /** What was asked and found, in the order of asking. */
  readonly answers: readonly KeptAnswer[];
}

/** The stored results of a run, read in the order of its scenes whatever the order in which they came. */
export class RunResults {
  readonly #plan: RunPlan;
  readonly #units: RunUnits;
  readonly #ledger: Ledger;

  constructor(plan: RunPlan, units: RunUnits, ledger: Ledger) {
    this.#plan = plan;
    this.#units = units;
    this.#ledger = ledger;
  }

  /**
   * Sums up one subject on one part by one protocol.
   * @param answeredBy - whose answers are counted; each image's own when absent. `another image` counts nothing where the
   * protocol cannot count kept answers again, and leaves out images that no other one is as large as
   */
  count(subject: number, part: string, protocol: string, answeredBy?: FigureSource['answeredBy']): Counted {
    const store = this.#units.store(part);
    if (store === undefined) return { sums: [], images: 0, lacking: 0, devices: [] };
    const asked = protocolNamed(protocol);
    const measures = asked.measures(store.head, this.#plan.switches) as readonly Measure<never, unknown>[];
    const sums = measures.map((measure) => measure.accumulator());
    const swapped = answeredBy === undefined ? undefined : swappedAnswers(asked, store);
    const add = (scene: number, parts: StoredResult['parts']): void =>
      measures.forEach((measure, m) => {
        const counted = parts[measure.name];
        if (counted === undefined)
          throw new MaskloomError('RUN_INVALID', `A stored result has no counts of ${measure.name}.`, {
            where: `${part}, ${protocol}`,
            hint: 'Run the command of the run again.',
          });
        sums[m]?.add(this.#units.idOf(part, scene), measure.parsePart(counted));
      });
    const devices = new Set<string>();
    let images = 0;
    let lacking = 0;
    let failure: UnitFailure | undefined;
    for (let i = 0; i < store.count; i++) {
      const unit = this.#units
        .ofScene(part, i)
        .find((one) => one.subject === subject && one.protocol === protocol);
      if (unit === undefined) continue;
      const result = this.result(unit.key);
      if (result === undefined) {
        lacking++;
        failure ??= this.failure(unit.key);
        continue;
      }
      images++;
      for (const device of result.devices) devices.add(device);
      if (swapped === undefined) add(i, result.parts);
      else swapped.see(i, () => this.result(unit.key)?.answers ?? []);
    }
    for (const [i, parts] of swapped?.parts() ?? []) add(i, parts);
    return {
      sums,
      images,
      lacking,
      devices: [...devices].sort(),
      ...(failure === undefined ? {} : { failure }),
    };
  }

  /** A unit's result; `undefined` when it failed or is not computed. */
  result(key: string): StoredResult | undefined {
    return this.#ledger.read(key)?.result as unknown as StoredResult | undefined;
  }

  /** Why a unit has no result, when it failed. */
  failure(key: string): UnitFailure | undefined {
    return this.#ledger.read(key)?.error;
  }
}
