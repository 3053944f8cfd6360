/** How the cluster's DNS answers: what kubeadm's Corefile says, unless a ConfigMap says otherwise. */

import type { CacheOptions } from '../upstream/answer-cache.ts';
import type { Policy } from '../upstream/forwarder.ts';
import type { NameServer } from '../upstream/name-server.ts';
import type { PodNames } from '../zone/zone.ts';

export interface DnsConfiguration {
  /** Of records of the cluster, in seconds. */
  readonly ttl: number;
  readonly pods: PodNames;
  readonly routes: readonly RouteConfiguration[];
}

export interface RouteConfiguration {
  /** `.`, or a zone in lower case. */
  readonly zone: string;
  /** `machine`: those of the machine's resolv.conf. */
  readonly servers: readonly (NameServer | 'machine')[];
  readonly policy: Policy;
  readonly queriesMax: number;
  readonly forceTcp: boolean;
  /** Zones that are not forwarded. */
  readonly except: readonly string[];
  readonly cache: CacheOptions | undefined;
}

export const defaultTtl = 30;
export const defaultCache: CacheOptions = { successTtl: 30, denialTtl: 30 };

export const defaultRoute: RouteConfiguration = {
  zone: '.',
  servers: ['machine'],
  policy: 'random',
  queriesMax: 1000,
  forceTcp: false,
  except: [],
  cache: defaultCache,
};

export const defaultConfiguration: DnsConfiguration = {
  ttl: defaultTtl,
  pods: 'insecure',
  routes: [defaultRoute],
};
