/**
 * The configuration of the cluster's ConfigMaps: `coredns` with a Corefile, or else `kube-dns` in its documented form, in
 * `kube-system`; kubeadm's without either. They are only read. A bad one is reported at the ConfigMap and in the log, and
 * the last good configuration stays.
 */

import { configMaps } from '#api/generated/kinds.gen.ts';
import type { ConfigMap } from '#api/generated/types.gen.ts';
import type { Log } from '#base/log.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import type { Informer, Informers } from '#client/informers/informer.ts';
import { readCorefile } from './corefile/corefile.ts';
import { type DnsConfiguration, defaultConfiguration } from './dns-configuration.ts';
import { InvalidConfiguration } from './invalid.ts';
import { readKubeDnsMap } from './kube-dns-map.ts';

export const dnsConfigMaps = ['coredns', 'kube-dns'] as const;

const namespace = 'kube-system';
const corefileKey = 'Corefile';

interface Context {
  readonly log: Log;
  readonly recorder: Pick<EventRecorder, 'event'>;
  readonly informers: Informers;
  readonly zone: string;
}

export class WatchedConfiguration {
  readonly #context: Context;
  readonly #changed: (configuration: DnsConfiguration) => void;
  readonly #informers: readonly [Informer<ConfigMap>, Informer<ConfigMap>];
  readonly #unsubscribe: (() => void)[];
  #last: DnsConfiguration = defaultConfiguration;
  /** What was reported last. */
  #problem = '';

  /** `changed` is called for every good configuration after the first. */
  constructor(context: Context, changed: (configuration: DnsConfiguration) => void) {
    this.#context = context;
    this.#changed = changed;
    const [coredns, kubeDns] = dnsConfigMaps.map((name) =>
      context.informers.for<ConfigMap>(configMaps, { namespace, fieldSelector: `metadata.name=${name}` }),
    ) as [Informer<ConfigMap>, Informer<ConfigMap>];
    this.#informers = [coredns, kubeDns];
    const look = () => this.#look();
    this.#unsubscribe = this.#informers.map((informer) =>
      informer.subscribe({ onAdd: look, onUpdate: look, onDelete: look }),
    );
  }

  async synced(): Promise<void> {
    await Promise.all(this.#informers.map((informer) => informer.synced()));
  }

  stop(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  #look(): void {
    const [coredns, kubeDns] = this.#informers.map((informer, i) =>
      informer.get(namespace, dnsConfigMaps[i] ?? ''),
    );
    const configMap = coredns ?? kubeDns;
    try {
      this.#use(configMap ? this.#read(configMap) : defaultConfiguration, configMap);
    } catch (error) {
      if (!(error instanceof InvalidConfiguration) || !configMap) throw error;
      this.#reject(configMap, error.message);
    }
  }

  #read({ metadata, data = {} }: ConfigMap): DnsConfiguration {
    const { zone } = this.#context;
    if (metadata?.name === 'kube-dns') return readKubeDnsMap(data ?? {}, zone);
    const corefile = data?.[corefileKey];
    if (corefile === undefined) throw new InvalidConfiguration('the key Corefile is missing');
    return readCorefile(corefile, zone);
  }

  #use(configuration: DnsConfiguration, configMap: ConfigMap | undefined): void {
    this.#problem = '';
    if (JSON.stringify(configuration) === JSON.stringify(this.#last)) return;
    this.#last = configuration;
    const source = configMap ? `ConfigMap ${namespace}/${configMap.metadata?.name}` : 'the defaults';
    this.#context.log.info('the configuration of DNS has changed', { source });
    this.#changed(configuration);
  }

  #reject(configMap: ConfigMap, problem: string): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    const message = `DNS keeps its last configuration: ${problem}`;
    this.#context.log.warn(message, { configMap: configMap.metadata?.name });
    this.#context.recorder.event(configMap, 'Warning', 'InvalidDNSConfiguration', message);
  }
}
