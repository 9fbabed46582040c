// Compiled by tsc with the package: each expected error must be one, or the build fails.
import { compose, MaskDecoder, PointPrompter, QueryProjector } from '@maskloom/core';
import { segProjector } from '@maskloom/llava';
import { samMaskDecoder, thresholdAssembler } from '@maskloom/sam';
import { noPoints } from '../prompters/no-points.js';
import { similarityAsPoints } from '../prompters/similarity-as-points.js';
import { topKPoints } from '../prompters/top-k-points.js';
import { full, points, seg } from './recipes.js';
import { withSasP } from './with-sasp.js';

compose(full)
  .with(PointPrompter, similarityAsPoints({ count: 60 }))
  .with(PointPrompter, topKPoints());
compose(full).with(PointPrompter, noPoints());
compose(points).with(MaskDecoder, samMaskDecoder({ multimask: true }));
// @ts-expect-error points are all that read/points has
compose(points).with(PointPrompter, noPoints());
// @ts-expect-error read/points has no embedding
compose(points).with(QueryProjector, segProjector());
// @ts-expect-error read/seg has no points
compose(seg).with(PointPrompter, similarityAsPoints());
// @ts-expect-error an assembler does not decode
compose(seg).with(MaskDecoder, thresholdAssembler());
// @ts-expect-error the distance has two names
similarityAsPoints({ discreteToContinuous: { distance: 'l1' } });

const over = withSasP(seg, { preset: 'read-7b' });
compose(over).with(PointPrompter, topKPoints()).with(QueryProjector, segProjector());
// @ts-expect-error it has no points to swap before
compose(seg).with(PointPrompter, topKPoints());
// @ts-expect-error read/points has no embedding to put points beside
withSasP(points);
