/**
 * A command that ended without reading its stdin is reported by containerd. Its shim (1.6) keeps the reading end of the
 * pipe to the command: containerd, which copies stdin before it says how the command ended, would wait for room in it
 * forever, and so would the session. What nobody will read is read away here.
 */

import protobuf from 'protobufjs';
import type { Clock } from '#base/clock.ts';
import { emptyFifo } from '#host/fifo.ts';
import type { CriChannel } from './channel.ts';

const subscribePath = '/containerd.services.events.v1.Events/Subscribe';
const getPath = '/containerd.services.tasks.v1.Tasks/Get';
const filter = 'namespace==k8s.io,topic=="/tasks/exit"';
/** Mostly containerd is done with a command before that. */
const firstLookMs = 100;
/** A child that lives on with the command's output keeps containerd waiting as well, and rightly. */
const lookEveryMaxMs = 10_000;

const { Field, Type } = protobuf;
const subscribeRequest = new Type('SubscribeRequest').add(new Field('filters', 1, 'string', 'repeated'));
const envelope = new Type('Envelope')
  .add(new Field('event', 4, 'Any'))
  .add(new Type('Any').add(new Field('value', 2, 'bytes')));
const taskExit = new Type('TaskExit')
  .add(new Field('containerId', 1, 'string'))
  .add(new Field('id', 2, 'string'));
const getRequest = new Type('GetRequest')
  .add(new Field('containerId', 1, 'string'))
  .add(new Field('execId', 2, 'string'));
const getResponse = new Type('GetResponse')
  .add(new Field('process', 1, 'Process'))
  .add(new Type('Process').add(new Field('status', 4, 'int32')).add(new Field('stdin', 5, 'string')));
const stopped = 3;

export interface EndedCommands {
  /** A command with a stdin is about to run there. */
  expect(containerId: string): void;
  close(): void;
}

export function endedCommands(channel: CriChannel, clock: Clock): EndedCommands {
  const containers = new Set<string>();
  let unsubscribe: (() => void) | undefined;

  function onExit(message: Uint8Array): void {
    const { event } = envelope.decode(message) as unknown as { event?: { value: Uint8Array } };
    if (!event) return;
    const { containerId, id } = taskExit.decode(event.value) as unknown as {
      containerId: string;
      id: string;
    };
    if (id === containerId) containers.delete(containerId);
    else if (containers.has(containerId)) lookAfter(firstLookMs, containerId, id);
  }

  function lookAfter(ms: number, containerId: string, execId: string): void {
    clock.after(ms, () => {
      const again = () => lookAfter(Math.min(ms * 2, lookEveryMaxMs), containerId, execId);
      // An error says that containerd no longer knows the command, or is gone itself.
      emptyStdin(containerId, execId).then(again, () => undefined);
    });
  }

  async function emptyStdin(containerId: string, execId: string): Promise<void> {
    const request = getRequest.encode({ containerId, execId }).finish();
    const answer = getResponse.decode(await channel.callBytes(getPath, request)) as unknown as {
      process?: { status: number; stdin: string };
    };
    const { status, stdin } = answer.process ?? { status: 0, stdin: '' };
    if (status === stopped && stdin !== '') await emptyFifo(stdin);
  }

  return {
    expect(containerId) {
      containers.add(containerId);
      unsubscribe ??= channel.stream(
        subscribePath,
        subscribeRequest.encode({ filters: [filter] }).finish(),
        onExit,
        () => {
          unsubscribe = undefined;
        },
      );
    },
    close: () => unsubscribe?.(),
  };
}
