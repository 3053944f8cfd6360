/** What other API servers serve through this one, as far as discovery and OpenAPI show it. */

import type { RemoteVersion } from '#api/discovery/discovery.ts';
import type { OrderedVersion } from '#api/discovery/group-order.ts';
import type { JsonObject } from '#wire/json/value.ts';

export interface ExtensionApis {
  /** Another number after each change of what follows. */
  readonly revision: number;
  /** The versions that APIServices name: of this server and of others. */
  readonly registered: readonly OrderedVersion[];
  /** The versions of other servers, with the resources that they serve. */
  readonly remotes: readonly RemoteVersion[];
  /** The OpenAPI 2.0 documents of other servers, each with the paths of its own group and version only. */
  readonly openApiV2: readonly JsonObject[];
  /** The other servers' entries for the index `/openapi/v3`, by path: `apis/metrics.k8s.io/v1beta1`. */
  readonly openApiV3: Readonly<Record<string, unknown>>;
  /** Documents of version 3 that this server answers for servers without one, by path. */
  readonly convertedV3: ReadonlyMap<string, JsonObject>;
}

export const noExtensionApis: ExtensionApis = {
  revision: 0,
  registered: [],
  remotes: [],
  openApiV2: [],
  openApiV3: {},
  convertedV3: new Map(),
};
