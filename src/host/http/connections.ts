/** The connections of a listener, and how many of them each peer has: none of them can take all. */

import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { HttpLimits } from './limits.ts';

export class Connections {
  readonly #limits: HttpLimits;
  readonly #open = new Set<TLSSocket>();
  /** Where those beyond the bound come from: TLS and HTTP/2 each make another object of a socket. */
  readonly #surplus = new Set<string>();
  readonly #ofPeer = new Map<string, number>();

  constructor(limits: HttpLimits) {
    this.#limits = limits;
  }

  /** Before the handshake. A peer with twice what it may have gets no answer any more, and costs no handshake. */
  count(socket: Socket): void {
    const peer = socket.remoteAddress ?? '';
    const held = (this.#ofPeer.get(peer) ?? 0) + 1;
    this.#ofPeer.set(peer, held);
    const place = placeOf(socket);
    socket.once('close', () => this.#forget(peer, place));
    if (held > this.#limits.connectionsPerPeerMax) this.#surplus.add(place);
    if (held > 2 * this.#limits.connectionsPerPeerMax) socket.destroy();
  }

  /** After the handshake. */
  add(socket: TLSSocket): void {
    this.#open.add(socket);
    socket.on('close', () => this.#open.delete(socket));
  }

  /** Its peer had as many as it may have already: it is told so instead of being served. */
  isTooMany(socket: TLSSocket): boolean {
    return this.#surplus.size > 0 && this.#surplus.has(placeOf(socket));
  }

  /** What is being written still goes out. */
  endAll(): void {
    for (const socket of this.#open) socket.destroySoon();
  }

  destroyAll(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #forget(peer: string, place: string): void {
    this.#surplus.delete(place);
    const held = this.#ofPeer.get(peer)! - 1;
    if (held > 0) this.#ofPeer.set(peer, held);
    else this.#ofPeer.delete(peer);
  }
}

function placeOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
