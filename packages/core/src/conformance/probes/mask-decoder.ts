import type { DecodedMasks } from '../../domain/mask-set.js';
import type { MaskPrompt } from '../../slots/mask-decoder.js';
import { must, mustAgree, mustBeFinite, mustEqual } from '../expectations.js';
import { noise, type Fixture } from '../fixture.js';
import { probe, type ProbeOptions } from '../probe.js';

/** Prompts of every kind the decoder takes, one by one and together, in an order that mixes structures. */
function prompts(at: Fixture, { prompts: kinds }: ProbeOptions): readonly MaskPrompt[] {
  const { input, mask, embedding } = at.sizes;
  const tensor = at.tensor([2, 1, embedding], 6);
  const points = (count: number) => ({
    frame: 'SamPx' as const,
    xy: Float32Array.from({ length: count * 2 }, (_, i) => ((i * 7 + 3) % 10) * (input / 20)),
    labels: Int8Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 1 : 0)),
  });
  const box = { frame: 'SamPx' as const, x: input / 8, y: input / 8, width: input / 4, height: input / 4 };
  const all: Readonly<Record<ProbeOptions['prompts'][number], readonly MaskPrompt[]>> = {
    points: [{ points: points(1) }, { points: points(3) }],
    box: [{ box }],
    embedding: [{ embedding: { tensor, row: 1 } }, { embedding: { tensor, row: 0 } }],
    mask: [{ mask: noise(mask * mask, 7) }],
  };
  const alone = kinds.flatMap((kind) => all[kind]);
  const together = Object.assign({}, ...kinds.map((kind) => all[kind][0])) as MaskPrompt;
  const mixed = kinds.length > 1 ? [together, ...alone, together] : alone;
  return at.keep(mixed);
}

function checkDecoded(decoded: DecodedMasks, count: number, at: Fixture): void {
  must(decoded.count === count, `${decoded.count} masks for ${count} prompts.`);
  const { logits, width, height, quality, transform } = decoded;
  must(
    logits.length === count * width * height,
    `${logits.length} logits for ${count} masks of ${width} x ${height}.`,
  );
  must(quality.length === count, `${quality.length} qualities for ${count} masks.`);
  mustBeFinite(logits, 'logits');
  mustBeFinite(quality, 'quality');
  const { original, resized } = at.samTransform();
  mustEqual(
    [transform.frame, transform.original.width, transform.original.height],
    ['SamPx', original.width, original.height],
    "the masks' geometry",
  );
  mustEqual(
    [transform.resized.width, transform.resized.height],
    [resized.width, resized.height],
    "the masks' resized size",
  );
}

/** Probe of the slot MaskDecoder. */
export const maskDecoderProbe = probe('MaskDecoder', {
  call: (stage, at, run, options) => stage.decode(at.maskFeatures(), prompts(at, options), run),
  check: (decoded, _stage, at) => checkDecoded(decoded, decoded.count, at),
  extra: {
    'decodes each prompt by itself, in the order given': async (stage, at, run, options) => {
      const features = at.maskFeatures();
      const given = prompts(at, options);
      const together = await stage.decode(features, given, run);
      checkDecoded(together, given.length, at);
      const size = together.width * together.height;
      for (const [i, one] of given.entries()) {
        const alone = await stage.decode(features, [one], run);
        checkDecoded(alone, 1, at);
        mustAgree(
          together.logits.subarray(i * size, (i + 1) * size),
          alone.logits,
          1e-3,
          `mask ${i} decoded with others`,
        );
        mustAgree(
          together.quality.subarray(i, i + 1),
          alone.quality,
          1e-3,
          `quality ${i} decoded with others`,
        );
      }
    },
  },
});
