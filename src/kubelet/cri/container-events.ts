/**
 * Hears from containerd when a container has started, ended or gone. Not through the runtime interface: its
 * stream of events came with containerd 1.7, containerd's own is in every one
 * (docs/decisions/0011-containerd-events.md).
 */

import protobuf from 'protobufjs';
import type { CriChannel } from './channel.ts';

const path = '/containerd.services.events.v1.Events/Subscribe';
/**
 * A command run in a container is a task's `exec`: with probes its events would never stop. The end of a
 * container arrives as `delete`.
 */
const filter = 'namespace==k8s.io,topic~="^/(tasks/(start|delete)|containers/delete)$"';

const requestType = new protobuf.Type('SubscribeRequest').add(
  new protobuf.Field('filters', 1, 'string', 'repeated'),
);

export function followContainers(channel: CriChannel, onChange: () => void, onEnd: () => void): () => void {
  const request = requestType.encode({ filters: [filter] }).finish();
  return channel.stream(path, request, onChange, onEnd);
}
