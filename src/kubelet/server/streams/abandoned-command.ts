/**
 * Ends the session of a command whose caller has left: its stdin ends, and its output is read and dropped, so
 * that it can come to its own end. The runtime's server writes nothing any more to a connection whose other
 * side has closed: a command with more to say than a pipe holds would wait in the container forever, and with
 * it the pipes and the connection. So the connection stays open until the command has what was sent to it.
 */

import type { Socket } from 'node:net';
import { closeGently, closeWhenQuiet } from '#host/http/splice.ts';
import { dataFrame, flagFin, pingFrame } from './spdy-frames.ts';

/**
 * containerd's server handles frames in five queues, and a ping goes through the next of them in turn: it is sent
 * back when the frames before it in its queue have been handled.
 */
const queues = 5;
/** Odd, as a client's, and above those of the caller. */
const pingIds = Array.from({ length: queues }, (_, i) => 0x7fffff01 + 2 * i);
/** More than can be on its way to a command's stdin; a command that goes on writing is held back by then. */
const droppedBytesMax = 128 * 1024 * 1024;
/** A command that has all its input and is silent for so long may be silent forever. */
const quietMs = 5000;

export class AbandonedCommand {
  readonly #socket: Socket;
  readonly #awaited = new Set(pingIds);

  /** `streamIds`: the streams that the caller opened. Nothing but this may write to the connection from now on. */
  constructor(socket: Socket, streamIds: Iterable<number>) {
    this.#socket = socket;
    let droppedBytes = 0;
    socket.on('data', ({ length }: Buffer) => {
      droppedBytes += length;
      if (droppedBytes > droppedBytesMax) closeGently(socket);
    });
    socket.resume();
    if (!socket.writable) return;
    for (const id of streamIds) socket.write(dataFrame(id, flagFin, new Uint8Array()));
    for (const id of pingIds) socket.write(pingFrame(id));
  }

  onPing(id: number): void {
    if (this.#awaited.delete(id) && this.#awaited.size === 0) closeWhenQuiet(this.#socket, quietMs);
  }
}
