/** Why no pod of the pod network can be started, in the words of the node's Ready condition. */

import type { Runtime } from './runtime.ts';

/** Why no pod can have an address yet, or `''`. */
export async function networkProblem(runtime: Runtime): Promise<string> {
  const { network } = await runtime.status();
  return network.ready ? '' : networkText(network);
}

export function networkText({ reason, message }: { reason: string; message: string }): string {
  return `container runtime network not ready: NetworkReady=false reason:${reason} message:${message}`;
}
