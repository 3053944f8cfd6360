/**
 * The connections of a listener, limited for each peer: no peer can take all. When a peer is at its limit,
 * its longest idle connection is closed for a new one: a client that only holds connections open does not
 * keep others of the same address from sending requests.
 */

import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { LinkedList, type Place } from '#base/collections/linked-list.ts';
import type { HttpLimits } from './limits.ts';

export type ConnectionLimits = Pick<HttpLimits, 'connectionsPerPeerMax'> &
  Partial<Pick<HttpLimits, 'idleKeptMs'>>;

interface Connection {
  readonly socket: Socket;
  readonly peer: Peer;
  requests: number;
  idleSinceMs: number;
  /** Among the idle connections of its peer. */
  place: Place<Connection> | undefined;
}

interface Peer {
  readonly address: string;
  connections: number;
  /** Idle connections within the limit, the longest idle first. */
  readonly idle: LinkedList<Connection>;
}

export class Connections {
  readonly #perPeerMax: number;
  readonly #idleKeptMs: number;
  readonly #open = new Set<Socket>();
  /** Addresses of the connections beyond the limit: TLS and HTTP/2 each wrap a socket in another object. */
  readonly #surplus = new Set<string>();
  readonly #peers = new Map<string, Peer>();
  readonly #counted = new Map<string, Connection>();
  /** The same by socket, as a fast path for every request. */
  readonly #ofSocket = new WeakMap<Socket, Connection>();
  #answers = 0;
  #onAnswered: (() => void) | undefined;

  /** Without `idleKeptMs`, no connection is closed for another. */
  constructor({ connectionsPerPeerMax, idleKeptMs = Number.POSITIVE_INFINITY }: ConnectionLimits) {
    this.#perPeerMax = connectionsPerPeerMax;
    this.#idleKeptMs = idleKeptMs;
  }

  /**
   * Called after the TLS handshake, if any. A connection beyond twice the limit is closed without a response.
   */
  count(socket: Socket): void {
    if (socket.destroyed) return;
    const peer = this.#peerAt(socket.remoteAddress ?? '');
    if (peer.connections >= this.#perPeerMax) this.#makeRoom(peer);
    const connection: Connection = {
      socket,
      peer,
      requests: 0,
      idleSinceMs: performance.now(),
      place: undefined,
    };
    const place = placeOf(socket);
    this.#forget(place);
    this.#counted.set(place, connection);
    peer.connections++;
    this.#peers.set(peer.address, peer);
    socket.once('close', () => this.#counted.get(place) === connection && this.#forget(place));
    if (peer.connections > this.#perPeerMax) this.#surplus.add(place);
    else connection.place = peer.idle.add(connection);
    if (peer.connections > 2 * this.#perPeerMax) socket.destroy();
  }

  /** Called after the TLS handshake, if any. */
  add(socket: Socket): void {
    this.#open.add(socket);
    socket.on('close', () => this.#open.delete(socket));
  }

  /** Beyond the limit: to be rejected. */
  isTooMany(socket: Socket): boolean {
    return this.#surplus.size > 0 && this.#surplus.has(placeOf(socket));
  }

  /**
   * A request has started: it is in flight until its response is closed or, without a response, as long as
   * its connection.
   */
  begin(socket: Socket, answer?: EventEmitter): void {
    const connection = this.#ofSocket.get(socket) ?? this.#find(socket);
    if (!connection) return;
    if (connection.requests++ === 0) leaveIdle(connection);
    if (!answer) return;
    this.#answers++;
    answer.on('close', () => {
      this.#end(connection);
      if (--this.#answers === 0) this.#onAnswered?.();
    });
  }

  /** Resolves when no response is on its way, or after `waitMaxMs`. */
  answered(waitMaxMs: number): Promise<void> {
    if (this.#answers === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, waitMaxMs);
      const answered = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#onAnswered = answered;
    });
  }

  /** Pending output is still sent. */
  endAll(): void {
    for (const socket of this.#open) socket.destroySoon();
  }

  destroyAll(): void {
    for (const socket of this.#open) socket.destroy();
  }

  #peerAt(address: string): Peer {
    return this.#peers.get(address) ?? { address, connections: 0, idle: new LinkedList() };
  }

  #find(socket: Socket): Connection | undefined {
    const connection = this.#counted.get(placeOf(socket));
    if (connection) this.#ofSocket.set(socket, connection);
    return connection;
  }

  #end(connection: Connection): void {
    connection.requests--;
    if (connection.requests > 0 || connection.socket.destroyed) return;
    connection.idleSinceMs = performance.now();
    connection.place = connection.peer.idle.add(connection);
  }

  /** A connection that was established just now is about to send a request: it stays. */
  #makeRoom({ idle }: Peer): void {
    const longest = idle.first;
    if (!longest || performance.now() - longest.idleSinceMs < this.#idleKeptMs) return;
    this.#forget(placeOf(longest.socket));
    longest.socket.destroy();
  }

  #forget(place: string): void {
    const connection = this.#counted.get(place);
    if (!connection) return;
    this.#counted.delete(place);
    this.#surplus.delete(place);
    const { peer } = connection;
    leaveIdle(connection);
    if (--peer.connections === 0) this.#peers.delete(peer.address);
  }
}

function leaveIdle({ peer, place }: Connection): void {
  if (place) peer.idle.remove(place);
}

export function placeOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
