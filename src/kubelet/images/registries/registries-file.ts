/** `registries.yaml` on this machine: read again at each pull, and made known to containerd when it has changed. */

import { registryHosts } from '#api/configuration/registries/hosts.ts';
import { noRegistries, type Registries, readRegistries } from '#api/configuration/registries/registries.ts';
import type { Log } from '#base/log.ts';
import { errorText } from '#base/text/error-text.ts';
import { tagImage } from '#host/containerd/images.ts';
import { writeRegistryFiles } from '#host/containerd/registry-files.ts';
import { readStart } from '#host/files/files.ts';
import { readYaml } from '#wire/yaml/read.ts';
import type { NodeRegistries } from './node-registries.ts';

export interface RegistriesFileOptions {
  readonly log: Log;
  /** May be absent, and appear later. */
  readonly path: string;
  /** The folder that containerd reads. */
  readonly hostsDir: string;
  /** Of containerd. */
  readonly socket: string;
}

const sizeMaxBytes = 1024 * 1024;

/** A file with a mistake changes nothing: the registries stay as they were, and the log has the reason. */
export class RegistriesFile implements NodeRegistries {
  readonly #options: RegistriesFileOptions;
  #text: string | undefined;
  #registries = noRegistries;
  #reading: Promise<Registries> | undefined;

  constructor(options: RegistriesFileOptions) {
    this.#options = options;
  }

  /** Rejects when what containerd is to read cannot be written. */
  current(): Promise<Registries> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  tag(name: string, further: string): Promise<void> {
    return tagImage(this.#options.socket, name, further);
  }

  async #read(): Promise<Registries> {
    const { path, hostsDir } = this.#options;
    const text = await readStart(path, sizeMaxBytes);
    if (text === this.#text) return this.#registries;
    const registries = this.#parsed(text);
    if (registries) {
      await writeRegistryFiles(hostsDir, registryHosts(registries));
      this.#registries = registries;
    }
    this.#text = text;
    return this.#registries;
  }

  #parsed(text: string): Registries | undefined {
    const { path, log } = this.#options;
    try {
      return parseRegistries(text);
    } catch (error) {
      log.error('registries stay as they were', { path, error: errorText(error) });
      return undefined;
    }
  }
}

/** Throws `ConfigurationError`, or the error of the YAML. */
export function parseRegistries(text: string): Registries {
  return readRegistries(readYaml(text).value);
}
