/**
 * Deletes the Secrets of bootstrap tokens that have expired.
 *
 * Reads and deletes Secrets in kube-system. Follows upstream's token cleaner.
 */

import { secrets } from '#api/generated/kinds.gen.ts';
import { bootstrapTokenType, expiryMs } from '#api/values/bootstrap-token.ts';
import { defineController } from '#client/controllers/controller.ts';
import { nothingToDo, targetOf } from '#client/controllers/plan.ts';
import { watch } from '#client/controllers/watch.ts';

export const tokenCleaner = defineController({
  name: 'token-cleaner',
  start({ informers, env }) {
    const cached = informers.for(secrets);
    return {
      watches: [
        watch({
          type: secrets,
          on: ['listed', 'added', 'updated'],
          filter: ({ type, metadata }) => type === bootstrapTokenType && metadata.namespace === 'kube-system',
        }),
      ],
      reconcile(key) {
        const [namespace = '', name = ''] = key.split('/');
        const secret = cached.get(namespace, name);
        const endMs = secret?.type === bootstrapTokenType ? expiryMs(secret) : undefined;
        if (!secret || endMs === undefined) return nothingToDo;
        const leftMs = endMs - env.clock.now();
        if (leftMs > 0) return { actions: [], againInMs: Math.min(leftMs, waitMaxMs) };
        const { uid } = secret.metadata;
        const ignore = ['NotFound', 'Conflict'];
        return { actions: [{ do: 'delete', ...targetOf(secrets, secret), uid, ignore }] };
      },
    };
  },
});

/** Below the longest delay of a timer (24 days): a later expiry is checked again then. */
const waitMaxMs = 24 * 3600 * 1000;
