/**
 * The connections of a listener that have not finished their TLS handshake, limited for each peer; beyond the
 * limit the oldest is closed: a client that only connects does not keep others of its address from
 * connecting.
 */

import type { Socket } from 'node:net';
import { placeOf } from './connections.ts';
import type { HttpLimits } from './limits.ts';

export class SilentConnections {
  readonly #perPeerMax: number;
  /** By peer and address, the oldest first: TLS wraps a socket in another object with the same address. */
  readonly #ofPeer = new Map<string, Map<string, Socket>>();

  constructor({ silentPerPeerMax }: Pick<HttpLimits, 'silentPerPeerMax'>) {
    this.#perPeerMax = silentPerPeerMax;
  }

  add(socket: Socket): void {
    const { remoteAddress: peer = '' } = socket;
    const place = placeOf(socket);
    const held = this.#ofPeer.get(peer) ?? new Map<string, Socket>();
    this.#ofPeer.set(peer, held.set(place, socket));
    socket.once('close', () => this.#forget(peer, place, socket));
    if (held.size > this.#perPeerMax) {
      const [oldest] = held;
      this.#forget(peer, ...oldest!);
      oldest![1].destroy();
    }
  }

  /** The handshake is finished. */
  remove(socket: Socket): void {
    this.#forget(socket.remoteAddress ?? '', placeOf(socket));
  }

  destroyAll(): void {
    for (const held of this.#ofPeer.values()) for (const socket of held.values()) socket.destroy();
  }

  /** With a socket given, only if it is still the one with this address: a port is soon reused. */
  #forget(peer: string, place: string, socket?: Socket): void {
    const held = this.#ofPeer.get(peer);
    if (!held || (socket && held.get(place) !== socket)) return;
    held.delete(place);
    if (held.size === 0) this.#ofPeer.delete(peer);
  }
}
