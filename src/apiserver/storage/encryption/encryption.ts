/**
 * Encryption at rest: a store that encrypts the resources of an EncryptionConfiguration, and follows its file while
 * the server runs. An invalid file leaves the configuration before it in force.
 */

import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import type { Store } from '#store/store.ts';
import { readEncryptionConfiguration } from './configuration.ts';
import { EncryptedStore } from './encrypted-store.ts';
import { type Providers, startProviders } from './providers.ts';
import type { GroupResource, ResourceProviders } from './resource-providers.ts';
import type { Transformer } from './transformer.ts';

export interface EncryptionOptions {
  readonly env: Env;
  readonly store: Store;
  /** The file of `--encryption-provider-config`. */
  readonly configuration?: ConfigurationFile | undefined;
  /** The cluster's own configuration: in force without a file; with one, it still decrypts what it encrypted. */
  readonly own?: string | undefined;
  /** Built-in resources by the prefix of their keys: `/registry/secrets/`. */
  readonly resources: ReadonlyMap<string, GroupResource>;
}

export interface ConfigurationFile {
  readonly path: string;
  readonly text: string;
}

const root = '/registry/';
const isUnknown = Symbol('unknown');

export class Encryption {
  readonly store: EncryptedStore;
  readonly #options: EncryptionOptions;
  readonly #byFolder = new Map<string, Transformer | undefined>();
  #providers: Providers;

  private constructor(options: EncryptionOptions, providers: Providers) {
    this.#options = options;
    this.#providers = providers;
    this.store = new EncryptedStore(options.store, { transformerOf: (key) => this.#transformerOf(key) });
  }

  /** Throws an Error for an invalid configuration. */
  static async start(options: EncryptionOptions): Promise<Encryption> {
    return new Encryption(options, await providersOf(options, options.configuration));
  }

  /** The failure of the health check; undefined when all key services are healthy. */
  problem(): string | undefined {
    return this.#providers.problem();
  }

  /** Takes a changed file into force, if it is valid and its key services are healthy. */
  async reload(file: ConfigurationFile): Promise<void> {
    const { log } = this.#options.env;
    try {
      const providers = await providersOf(this.#options, file);
      const problem = providers.problem();
      if (problem !== undefined) {
        providers.stop();
        throw new Error(problem);
      }
      this.#providers.stop();
      this.#providers = providers;
      this.#byFolder.clear();
      log.info('the encryption configuration has been loaded again', { path: file.path });
    } catch (error) {
      log.error('the encryption configuration stays as it was', { path: file.path, error: errorText(error) });
    }
  }

  stop(): void {
    this.#providers.stop();
  }

  #transformerOf(key: string): Transformer | undefined {
    const first = key.indexOf('/', root.length) + 1;
    const short = this.#known(key.slice(0, first));
    if (short !== isUnknown) return short;
    const folder = key.slice(0, key.indexOf('/', first) + 1);
    const long = this.#known(folder);
    if (long !== isUnknown) return long;
    const found = this.#find(key.slice(0, first), folder);
    this.#byFolder.set(found.folder, found.transformer);
    return found.transformer;
  }

  #known(folder: string): Transformer | undefined | typeof isUnknown {
    return this.#byFolder.has(folder) ? this.#byFolder.get(folder) : isUnknown;
  }

  #find(short: string, long: string): { folder: string; transformer: Transformer | undefined } {
    const { resources } = this.#options;
    const folder = resources.has(short) ? short : long;
    const resource = resources.get(folder) ?? customResourceOf(long);
    return { folder, transformer: resource && this.#providers.transformerOf(resource) };
  }
}

/** `/registry/example.com/widgets/`. */
function customResourceOf(folder: string): GroupResource | undefined {
  const [group = '', resource = ''] = folder.slice(root.length).split('/');
  return group.includes('.') && resource !== '' ? { group, resource } : undefined;
}

async function providersOf(
  { env, own }: EncryptionOptions,
  file: ConfigurationFile | undefined,
): Promise<Providers> {
  const ofCluster = own === undefined ? [] : readEncryptionConfiguration(own);
  if (!file) return startProviders(env, ofCluster);
  let configuration: readonly ResourceProviders[];
  try {
    configuration = readEncryptionConfiguration(file.text);
  } catch (error) {
    throw new Error(`error while parsing file: ${file.path}: ${errorText(error)}`);
  }
  return startProviders(env, configuration, ofCluster);
}
