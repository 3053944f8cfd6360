/**
 * Why a connection, an exchange or listening failed, in the words of Go's net package, which clients and their users
 * look for.
 */

const wordsOf: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
  EACCES: 'connect: permission denied',
  EINVAL: 'connect: invalid argument',
};

const bindWordsOf: Readonly<Record<string, string>> = {
  EADDRINUSE: 'bind: address already in use',
  EACCES: 'bind: permission denied',
};

interface NodeError extends Error {
  readonly code?: string;
  readonly syscall?: string;
}

export function inGoWords(to: { readonly host: string; readonly port: number }, error: NodeError): string {
  const { code = '', syscall, message } = error;
  const place = to.host.includes(':') ? `[${to.host}]:${to.port}` : `${to.host}:${to.port}`;
  if (syscall === 'getaddrinfo') return `dial tcp: lookup ${to.host}: ${lookupWords(code)}`;
  if (message === 'i/o timeout') return `dial tcp ${place}: i/o timeout`;
  if (syscall === 'connect' || error instanceof AggregateError) {
    return `dial tcp ${place}: ${wordsOf[code] ?? message}`;
  }
  if (code === 'ECONNRESET') {
    return syscall === 'read' ? `read tcp ${place}: connection reset by peer` : 'EOF';
  }
  if (code.startsWith('HPE_')) return `net/http: HTTP/1.x transport connection broken: ${message}`;
  return message;
}

/** On all IPv4 addresses of the machine. */
export function listenErrorInGoWords(port: number, { code, message }: NodeError): string {
  return `listen tcp4 0.0.0.0:${port}: ${bindWordsOf[code ?? ''] ?? message}`;
}

function lookupWords(code: string): string {
  return code === 'EAI_AGAIN' ? 'Temporary failure in name resolution' : 'no such host';
}
