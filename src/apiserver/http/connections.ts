/** Bounds what one peer can hold of a listener: how many connections, and how long each without a request. */

import type { ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { HttpLimits } from './limits.ts';

export class Connections {
  readonly #limits: HttpLimits;
  readonly #open = new Set<TLSSocket>();
  readonly #ofPeer = new Map<string, number>();

  constructor(limits: HttpLimits) {
    this.#limits = limits;
  }

  /** Before the handshake. A peer with twice what it may have gets no answer any more, and costs no handshake. */
  count(socket: Socket): void {
    const peer = socket.remoteAddress ?? '';
    const held = (this.#ofPeer.get(peer) ?? 0) + 1;
    this.#ofPeer.set(peer, held);
    socket.once('close', () => this.#forget(peer));
    if (held > 2 * this.#limits.connectionsPerPeerMax) socket.destroy();
  }

  /** After the handshake. */
  add(socket: TLSSocket): void {
    this.#open.add(socket);
    socket.on('close', () => this.#open.delete(socket));
  }

  /** More than it may have: it is told so instead of being served. */
  isTooMany(socket: TLSSocket): boolean {
    return (this.#ofPeer.get(socket.remoteAddress ?? '') ?? 0) > this.#limits.connectionsPerPeerMax;
  }

  /** What is being written still goes out. */
  endAll(): void {
    for (const socket of this.#open) socket.destroySoon();
  }

  #forget(peer: string): void {
    const held = this.#ofPeer.get(peer)! - 1;
    if (held > 0) this.#ofPeer.set(peer, held);
    else this.#ofPeer.delete(peer);
  }
}

/** Ends a session on which nothing came and went for that long and no stream is open. */
export function endWhenIdle(session: ServerHttp2Session, idleMs: number): void {
  let streams = 0;
  session.on('stream', (stream) => {
    streams++;
    stream.once('close', () => streams--);
  });
  session.setTimeout(idleMs, () => {
    if (streams === 0) session.close();
    else session.setTimeout(idleMs);
  });
}
