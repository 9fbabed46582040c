import type { BundleFile, BundleManifest } from './manifest.js';

/** A file that a manifest names, and where it names it. */
export interface NamedFile {
  /** Where the manifest names it, e.g. `bundle.json: models.encoder`. */
  readonly field: string;
  /** Its name, size and hash. */
  readonly file: BundleFile;
}

/** Every file of a manifest, in the manifest's order. A file shared by two models is listed twice. */
export function bundleFiles(manifest: BundleManifest): NamedFile[] {
  const models = Object.entries(manifest.models).flatMap(([id, model]) => [
    { field: `bundle.json: models.${id}`, file: model },
    ...(model.data ?? []).map((file, index) => ({ field: `bundle.json: models.${id}.data.${index}`, file })),
  ]);
  const tokenizer = (manifest.tokenizer?.files ?? []).map((file, index) => ({
    field: `bundle.json: tokenizer.files.${index}`,
    file,
  }));
  return [...models, ...tokenizer];
}
