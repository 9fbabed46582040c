/**
 * The 20 object classes of PASCAL VOC in the order of their label values 1 to 20 (VOC2012 development kit, section 4.2,
 * `VOCinit.m`).
 */
export const VOC_NAMES = [
  'aeroplane',
  'bicycle',
  'bird',
  'boat',
  'bottle',
  'bus',
  'car',
  'cat',
  'chair',
  'cow',
  'diningtable',
  'dog',
  'horse',
  'motorbike',
  'person',
  'pottedplant',
  'sheep',
  'sofa',
  'train',
  'tvmonitor',
] as const;
