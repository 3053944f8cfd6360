/** The encryption of a new cluster: its secrets, by a key that is among the cluster's own certificates and keys. */

import type { Random } from '#base/random.ts';
import type { PkiStore } from '#pki/pki.ts';

/** The name among the cluster's certificates and keys. */
export const ownConfigurationFile = 'encryption.yaml';

const keyBytes = 32;

/** Undefined where there is none: the cluster is older than this, or keeps nothing on a disk. */
export function ownConfiguration(store: PkiStore): string | undefined {
  return store.read(ownConfigurationFile);
}

export function createOwnConfiguration(store: PkiStore, random: Random): void {
  const secret = Buffer.from(random.bytes(keyBytes)).toString('base64');
  store.write(
    ownConfigurationFile,
    `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [secrets]
  providers:
  - secretbox:
      keys:
      - name: key1
        secret: ${secret}
  - identity: {}
`,
  );
}
