/** The API server's arguments of authorization. */

import { choice, durationMs, file, names } from '../argument.ts';

const modes = ['AlwaysAllow', 'AlwaysDeny', 'ABAC', 'Webhook', 'RBAC', 'Node'];

export const authorizationArguments = {
  'authorization-config': file(
    'The AuthorizationConfiguration (apiserver.config.k8s.io/v1): authorizers in their order, webhooks among ' +
      'them; read again when it changes. Default: Node, RBAC.',
  ),
  'authorization-mode': names(
    `Authorizers in their order: ${modes.join(', ')}. Not with authorization-config. Default: Node, RBAC.`,
    'authorizer',
    modes,
  ),
  'authorization-policy-file': file('The policies of ABAC, one JSON object in each line.'),
  'authorization-webhook-cache-authorized-ttl': durationMs(
    'How long the webhook’s answers are kept that allow; 0 not at all. Default 5m.',
  ),
  'authorization-webhook-cache-unauthorized-ttl': durationMs(
    'How long its answers are kept that do not allow; 0 not at all. Default 30s.',
  ),
  'authorization-webhook-config-file': file(
    'The kubeconfig of the webhook of authorization-mode Webhook, which is asked by a SubjectAccessReview.',
  ),
  'authorization-webhook-version': choice('The version of that SubjectAccessReview. Default v1beta1.', [
    'v1beta1',
    'v1',
  ]),
};
