/**
 * Credentials of a channel without encryption that can end its connections. The gRPC library closes a connection with an
 * answer of the other side: one to a process that accepts and never answers would keep its file descriptor for good.
 */

import { type ChannelCredentials, credentials } from '@grpc/grpc-js';

type SecureConnector = ReturnType<ChannelCredentials['_createSecureConnector']>;
type Socket = Parameters<SecureConnector['connect']>[0];

export interface ClosableCredentials {
  readonly credentials: ChannelCredentials;
  /** Ends the connections over which nothing has come; calls under way on others may end by themselves. */
  endSilent(): void;
}

/** For one channel, with a pool of connections of its own (`grpc.use_local_subchannel_pool`). */
export function closableCredentials(): ClosableCredentials {
  const sockets = new Set<Socket>();
  const plain = credentials.createInsecure();
  const create = plain._createSecureConnector.bind(plain);
  plain._createSecureConnector = (...args) => {
    const connector = create(...args);
    const connect = connector.connect.bind(connector);
    connector.connect = (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return connect(socket);
    };
    return connector;
  };
  return {
    credentials: plain,
    endSilent() {
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    },
  };
}
