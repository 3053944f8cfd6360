/** The API server's arguments about encryption at rest. */

import { file, toggle } from '../argument.ts';

export const encryptionArguments = {
  'encryption-provider-config': file(
    'The EncryptionConfiguration (apiserver.config.k8s.io/v1): which resources are stored encrypted, and how. ' +
      'Default: secrets, by a key of the cluster.',
  ),
  'encryption-provider-config-automatic-reload': toggle(
    'Whether that file is read again when it changes. Default false.',
  ),
};
