/** The manifests of a folder and of an address together: neither waits for the other. */

import type { Env } from '#base/env.ts';
import { Repeater } from '#base/repeater.ts';
import { watchFolder } from '#host/files/socket-files.ts';
import type { ManifestAddress } from './manifest-address.ts';
import type { ManifestFolder } from './manifest-folder.ts';
import type { Manifests } from './static-pods.ts';

export interface ManifestSourcesParts {
  readonly env: Env;
  readonly folder: { readonly files: ManifestFolder; readonly path: string } | undefined;
  readonly address: { readonly asked: ManifestAddress; readonly intervalMs: number } | undefined;
}

export class ManifestSources {
  readonly #parts: ManifestSourcesParts;

  constructor(parts: ManifestSourcesParts) {
    this.#parts = parts;
  }

  /** The folder is read, the address has been asked before. Rejects when the folder cannot be read. */
  async read(): Promise<Manifests> {
    const { folder, address } = this.#parts;
    const near = folder ? await folder.files.read() : [];
    const far = address ? address.asked.pods : [];
    return { pods: [...near, ...(far ?? [])], areComplete: far !== undefined };
  }

  /** Calls back when something may have changed; returns the function that ends it. */
  watch(onChange: () => void): () => void {
    const { env, folder, address } = this.#parts;
    const unwatch = folder && watchFolder(folder.path, onChange);
    const rounds =
      address &&
      new Repeater(env.clock, address.intervalMs, async () => {
        const before = address.asked.pods;
        await address.asked.ask();
        if (address.asked.pods !== before) onChange();
      });
    rounds?.start(0);
    return () => {
      unwatch?.();
      rounds?.stop();
    };
  }
}
