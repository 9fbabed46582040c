import { MaskloomError, suggest } from '@maskloom/core';

/** The forms that masks are written in, with what each writes. */
export const MASK_FORMS = {
  masks: 'a PNG per mask, white where it is set',
  labels: 'a PNG per image with a colour table, and a JSON file with what its values mean',
  coco: 'COCO results, and a file of their images and classes',
  'coco-annotations': 'COCO annotations',
  labelme: 'a labelme record per image',
  geojson: 'a GeoJSON file per image, in pixels',
  svg: 'an SVG file of paths per image',
  yolo: "YOLO's segmentation labels",
} as const;

/** A form that masks are written in. */
export type MaskForm = keyof typeof MASK_FORMS;

/**
 * The forms of a list, each once.
 * @throws MaskloomError `OPTION_INVALID` naming the nearest
 */
export function maskForms(names: readonly string[], where?: string): readonly MaskForm[] {
  const known = Object.keys(MASK_FORMS) as readonly MaskForm[];
  return [...new Set(names)].map((name) => {
    const form = known.find((one) => one === name);
    if (form !== undefined) return form;
    throw new MaskloomError('OPTION_INVALID', `Masks cannot be written as '${name}'.`, {
      ...(where === undefined ? {} : { where }),
      hint: suggest(name, known),
    });
  });
}
