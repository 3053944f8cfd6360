/** What a build of an image needs of the runtime: images, and commands run in containers. */

import type { ImageConfig, Layer } from './oci-image.ts';

export interface ImageParts {
  /** From the lowest up. */
  readonly layers: readonly Layer[];
  readonly config: ImageConfig;
}

export interface RunStep {
  readonly command: readonly string[];
  /** `NAME=value`; of this command alone. */
  readonly env: readonly string[];
  readonly workingDir: string;
}

export interface BuildMachine {
  /** A present image, or one that is pulled first; its layers have no bytes. */
  image(ref: string): Promise<ImageParts>;
  /** Runs a command over the image, as the user of its configuration; returns what it has changed. Throws when it fails. */
  run(image: ImageParts, step: RunStep): Promise<Layer>;
  /** Calls back with a folder that has the image's files. */
  withFiles<T>(image: ImageParts, use: (dir: string) => T | Promise<T>): Promise<T>;
}
