/** Names that are reserved for what a server reads from files instead of being sent it. */

import type { KubeObject } from '../../meta/object.ts';

const staticSuffix = '.static.k8s.io';

export function warnOfStaticSuffix({ metadata }: KubeObject): string[] {
  if (!metadata?.name?.endsWith(staticSuffix)) return [];
  return [
    `metadata.name: names ending with ${JSON.stringify(staticSuffix)} are reserved for static manifest-based configurations and cannot be managed via the API`,
  ];
}
