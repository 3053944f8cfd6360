/** The connections of a listener, and how many of them each peer has: no peer can take all. */

import type { Socket } from 'node:net';
import type { HttpLimits } from './limits.ts';

export class Connections {
  readonly #perPeerMax: number;
  readonly #open = new Set<Socket>();
  /** Where those beyond the bound come from: TLS and HTTP/2 each make another object of a socket. */
  readonly #surplus = new Set<string>();
  readonly #ofPeer = new Map<string, number>();

  constructor({ connectionsPerPeerMax }: Pick<HttpLimits, 'connectionsPerPeerMax'>) {
    this.#perPeerMax = connectionsPerPeerMax;
  }

  /** After the handshake, where there is one. A peer with twice the bound gets no answer any more: its connection is closed. */
  count(socket: Socket): void {
    if (socket.destroyed) return;
    const peer = socket.remoteAddress ?? '';
    const held = (this.#ofPeer.get(peer) ?? 0) + 1;
    this.#ofPeer.set(peer, held);
    const place = placeOf(socket);
    socket.once('close', () => this.#forget(peer, place));
    if (held > this.#perPeerMax) this.#surplus.add(place);
    if (held > 2 * this.#perPeerMax) socket.destroy();
  }

  /** After the handshake, where there is one. */
  add(socket: Socket): void {
    this.#open.add(socket);
    socket.on('close', () => this.#open.delete(socket));
  }

  /** Beyond the bound: to be refused. */
  isTooMany(socket: Socket): boolean {
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

export function placeOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
