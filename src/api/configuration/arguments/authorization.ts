/** The API server's arguments of authorization. */

import { file } from '../argument.ts';

export const authorizationArguments = {
  'authorization-config': file(
    'The AuthorizationConfiguration (apiserver.config.k8s.io/v1): authorizers in their order, webhooks among ' +
      'them; read again when it changes. Default: Node, RBAC.',
  ),
};
