/**
 * Empties the stdin of commands that ended without reading it. Their containerd shim (1.6) keeps the reading
 * end of the pipe to the command: containerd, which copies stdin before it reports the command's exit, would
 * wait for room in the pipe forever, and so would the session.
 */

import protobuf from 'protobufjs';
import type { Clock, Timer } from '#base/clock.ts';
import { emptyFifo } from '#host/files/fifo.ts';
import { RuntimeError } from '../runtime/runtime.ts';
import type { CriChannel } from './channel.ts';

const subscribePath = '/containerd.services.events.v1.Events/Subscribe';
const getPath = '/containerd.services.tasks.v1.Tasks/Get';
const filter = 'namespace==k8s.io,topic=="/tasks/exit"';
/** Mostly containerd is done with a command before that. */
const firstLookMs = 100;
/** A child process that still holds the command's output keeps containerd waiting as well, and rightly. */
const lookEveryMaxMs = 10_000;
/** containerd has ended, mostly, and is being started again. */
const resubscribeMs = 1000;

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
  return new WatchedCommands(channel, clock);
}

class WatchedCommands implements EndedCommands {
  readonly #channel: CriChannel;
  readonly #clock: Clock;
  /** The containers that may run a command with a stdin, until they end. */
  readonly #containers = new Set<string>();
  #unsubscribe: (() => void) | undefined;
  #retry: Timer | undefined;

  constructor(channel: CriChannel, clock: Clock) {
    this.#channel = channel;
    this.#clock = clock;
  }

  expect(containerId: string): void {
    this.#containers.add(containerId);
    this.#subscribe();
  }

  close(): void {
    this.#retry?.cancel();
    this.#unsubscribe?.();
  }

  #subscribe(): void {
    this.#retry?.cancel();
    const request = subscribeRequest.encode({ filters: [filter] }).finish();
    const onEnd = () => {
      this.#unsubscribe = undefined;
      if (this.#containers.size > 0) {
        this.#retry = this.#clock.after(resubscribeMs, () => this.#resubscribe());
      }
    };
    this.#unsubscribe ??= this.#channel.stream(
      subscribePath,
      request,
      (message) => this.#onExit(message),
      onEnd,
    );
  }

  /** Exits were missed since the stream ended: each container is asked whether it ended meanwhile. */
  #resubscribe(): void {
    this.#subscribe();
    for (const id of this.#containers) {
      this.#isOver(id).then(
        (isOver) => isOver && this.#containers.delete(id),
        () => undefined,
      );
    }
  }

  /** Rejects when containerd does not answer. */
  async #isOver(containerId: string): Promise<boolean> {
    try {
      return (await this.#processOf(containerId)).status === stopped;
    } catch (error) {
      if (error instanceof RuntimeError && error.code === 'NotFound') return true;
      throw error;
    }
  }

  #onExit(message: Uint8Array): void {
    const { event } = envelope.decode(message) as unknown as { event?: { value: Uint8Array } };
    if (!event) return;
    const { containerId, id } = taskExit.decode(event.value) as unknown as {
      containerId: string;
      id: string;
    };
    if (id === containerId) this.#containers.delete(containerId);
    else if (this.#containers.has(containerId)) this.#lookAfter(firstLookMs, containerId, id);
  }

  #lookAfter(ms: number, containerId: string, execId: string): void {
    this.#clock.after(ms, () => {
      const again = () => this.#lookAfter(Math.min(ms * 2, lookEveryMaxMs), containerId, execId);
      // The call fails when containerd no longer knows the command, or has ended itself.
      this.#emptyStdin(containerId, execId).then(again, () => undefined);
    });
  }

  async #emptyStdin(containerId: string, execId: string): Promise<void> {
    const { status, stdin } = await this.#processOf(containerId, execId);
    if (status === stopped && stdin !== '') await emptyFifo(stdin);
  }

  /** The command of this id; without one, the container's first process. */
  async #processOf(containerId: string, execId = ''): Promise<{ status: number; stdin: string }> {
    const request = getRequest.encode({ containerId, execId }).finish();
    const answer = getResponse.decode(await this.#channel.callBytes(getPath, request)) as unknown as {
      process?: { status: number; stdin: string };
    };
    return answer.process ?? { status: 0, stdin: '' };
  }
}
