/** What the API server of a cluster is started with. */

import type { ClusterConfiguration } from '#api/configuration/cluster-configuration.ts';
import type { UserInfo } from '#api/meta/user.ts';
import type { Env } from '#base/env.ts';
import type { Pki } from '#pki/pki.ts';
import type { Store } from '#store/store.ts';
import type { Auditing } from '../audit/auditing.ts';
import type { UsageSource } from '../contract/usage-source.ts';
import type { ComponentChecks } from '../subresources/component-statuses.ts';

export interface KubeApiServerOptions {
  readonly env: Env;
  readonly store: Store;
  readonly pki: Pki;
  /** Port 0 takes a free port. Default: reachable from inside the process only. */
  readonly listen?: readonly { readonly host: string; readonly port: number }[];
  /** The address at which pods reach this server: the endpoint of the `kubernetes` service. */
  readonly advertiseAddress: string;
  /** Default `10.96.0.0/16`. */
  readonly serviceCidr?: string;
  /** Of `controller-manager` and `scheduler`, if they run in this process. */
  readonly componentChecks?: ComponentChecks;
  /** What the nodes use. Default: the metrics API has no stats. */
  readonly usage?: UsageSource;
  readonly staticTokens?: ReadonlyMap<string, UserInfo>;
  /** The user's settings; each part of the server reads its own arguments. */
  readonly configuration?: Partial<
    Pick<ClusterConfiguration, 'arguments' | 'featureGates' | 'runtimeConfig'>
  >;
  /** The cluster's own EncryptionConfiguration, in force if the configuration names none. */
  readonly ownEncryption?: string | undefined;
  /** Default: by the arguments of the configuration. */
  readonly audit?: Auditing | undefined;
}
