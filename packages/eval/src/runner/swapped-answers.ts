import type { KeptAnswer, Protocol, ProtocolResult } from '../protocols/protocol.js';
import type { SceneStore } from './scenes/scene-store.js';

/** Answers of images, to be counted against the truth of others. */
export interface SwappedAnswers {
  /** Takes what reads the answers to a scene, called when they are counted. */
  see(scene: number, answers: () => readonly KeptAnswer[]): void;
  /** The parts of every scene that has a partner, answered by the next scene of its size, after the last one by the first. */
  parts(): readonly (readonly [number, ProtocolResult['parts']])[];
}

/** Collects answers for the control that swaps images; gives nothing for a protocol that cannot count answers again. */
export function swappedAnswers(
  { recount }: Pick<Protocol, 'recount'>,
  store: Pick<SceneStore, 'read' | 'head'>,
): SwappedAnswers {
  const bySize = new Map<
    string,
    { readonly scene: number; readonly answers: () => readonly KeptAnswer[] }[]
  >();
  return {
    see(scene, answers) {
      const { width, height } = store.read(scene);
      const size = `${width} ${height}`;
      const alike = bySize.get(size) ?? [];
      bySize.set(size, alike);
      alike.push({ scene, answers });
    },
    parts: () =>
      [...bySize.values()].flatMap((alike) =>
        recount === undefined || alike.length < 2
          ? []
          : alike.map(({ scene }, k) => {
              const { answers } = alike[(k + 1) % alike.length] as (typeof alike)[number];
              return [scene, recount(answers(), store.read(scene), store.head)] as const;
            }),
      ),
  };
}
