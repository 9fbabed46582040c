import { MaskloomError, suggest } from '@maskloom/core';

/** The forms that masks are written in, with what each writes. */
export const MASK_FORMS = {
  /** One file per mask. */
  masks: 'a PNG per mask, white where it is set',
  /** Readable by people and programs. */
  labels: 'a PNG per image with a colour table, and a JSON file with what its values mean',
  /** For `loadRes` and `maskloom metrics coco`. */
  coco: 'COCO results, and a file of their images and classes',
  /** For tools that edit or train. */
  'coco-annotations': 'COCO annotations',
  /** For labelme. */
  labelme: 'a labelme record per image',
  /** For viewers of maps. */
  geojson: 'a GeoJSON file per image, in pixels',
  /** For drawings. */
  svg: 'an SVG file of paths per image',
  /** For training YOLO. */
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
