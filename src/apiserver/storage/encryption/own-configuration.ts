/** The EncryptionConfiguration of a new cluster: encrypts Secrets by a key that lies beside the cluster's certificates. */

import type { Random } from '#base/random.ts';
import type { PkiStore } from '#pki/pki.ts';

/** The name among the cluster's certificates and keys. */
export const ownConfigurationFile = 'encryption.yaml';

const keyBytes = 32;

/** Undefined for a cluster of an older release, and for a cluster whose store is in memory. */
export function ownConfiguration(store: PkiStore): string | undefined {
  return store.read(ownConfigurationFile);
}

/** Reads what is not encrypted, and finds the rest unreadable. */
export const inTheClear = `apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [secrets]
  providers:
  - identity: {}
`;

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
