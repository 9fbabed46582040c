/**
 * Every code a {@link MaskloomError} can carry, grouped by the part that throws it.
 * A code is never renamed; a new failure gets a new code.
 */
export type ErrorCode =
  // input files and values
  | 'IMAGE_NOT_FOUND'
  | 'IMAGE_EMPTY'
  | 'IMAGE_UNREADABLE'
  | 'IMAGE_TOO_LARGE'
  | 'IMAGE_UNSUPPORTED'
  | 'MASK_INVALID'
  | 'DATA_INVALID'
  | 'DATA_NOT_FOUND'
  | 'OPTION_INVALID'
  | 'VALUE_INVALID'
  | 'PROMPT_TOO_LONG'
  | 'INSTRUCTION_UNKNOWN'
  // output
  | 'OUTPUT_UNWRITABLE'
  | 'RUN_BUSY'
  | 'RUN_INVALID'
  // composition
  | 'PLUGIN_INCOMPATIBLE'
  | 'PLUGIN_DUPLICATE'
  | 'PLUGIN_INVALID'
  | 'CONFIG_INVALID'
  | 'SYSTEM_UNKNOWN'
  | 'RECIPE_UNKNOWN'
  | 'SLOT_UNKNOWN'
  | 'STAGE_MISMATCH'
  | 'STAGE_FAILED'
  | 'TASK_UNSUPPORTED'
  | 'CONTAINER_UNBOUND'
  | 'CONFORMANCE_FAILED'
  // bundles
  | 'BUNDLE_NOT_FOUND'
  | 'BUNDLE_INVALID'
  | 'BUNDLE_VERSION'
  | 'BUNDLE_FILE_MISSING'
  | 'BUNDLE_HASH_MISMATCH'
  | 'BUNDLE_PATH_ESCAPE'
  | 'BUNDLE_SHAPE_MISMATCH'
  // model hubs
  | 'HUB_NOT_FOUND'
  | 'HUB_ACCESS_DENIED'
  | 'HUB_UNREACHABLE'
  | 'HUB_OFFLINE'
  | 'HUB_FILE_DAMAGED'
  | 'MODEL_UNSUPPORTED'
  | 'DISK_FULL'
  | 'MEMORY_FULL'
  // services over the network
  | 'SERVICE_FAILED'
  | 'SERVICE_INVALID'
  // the studio
  | 'ACCESS_DENIED'
  | 'QUEUE_FULL'
  | 'UPLOAD_REFUSED'
  // evaluation over a queue
  | 'QUEUE_UNREACHABLE'
  | 'QUEUE_BUSY'
  | 'QUEUE_REFUSED'
  // runtime
  | 'DEVICE_UNKNOWN'
  | 'DEVICE_UNAVAILABLE'
  | 'MODEL_LOAD_FAILED'
  | 'MODEL_RUN_FAILED'
  | 'WORKER_CRASHED'
  | 'TENSOR_RELEASED'
  | 'DISPOSED'
  | 'ABORTED'
  | 'INTERNAL';
