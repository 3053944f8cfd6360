/**
 * DynamicResources: pods that claim devices are rejected with a message, because this scheduler allocates no
 * devices.
 *
 * Reads spec.resourceClaims. For all other pods it answers as upstream's plugin does when asked to make room: it fails
 * when the pod was rejected before the plugin prepared for it.
 */

import { definePlugin, Rejection } from '../../framework.ts';

const name = 'DynamicResources';
const refused = new Rejection(name, ['resource claims are not supported by this scheduler'], true);

export const dynamicResources = definePlugin({
  name,
  preFilter: (pod) => (pod.pod.spec?.resourceClaims?.length ? refused : undefined),
  postFilter(pod, _view, cycle) {
    if (!cycle.hasPrepared(name)) return { message: 'not found', isError: true };
    return pod.pod.spec?.resourceClaims?.length ? undefined : { message: 'no new claims to deallocate' };
  },
});
