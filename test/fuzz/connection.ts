/** One HTTP/1.1 connection to the listener that sends any bytes and reads one answer at a time. */

import { connect, type TLSSocket } from 'node:tls';
import type { TestServer } from '#testing/server/test-server.ts';
import type { Answer } from './oracles.ts';

const headEnd = Buffer.from('\r\n\r\n');

export class Connection {
  readonly #socket: TLSSocket;
  #got: Buffer = Buffer.alloc(0);
  #isClosed = false;
  #changed: () => void = () => {};

  static async open({ port, pki }: TestServer): Promise<Connection> {
    const socket = connect({ host: '127.0.0.1', port, ca: pki.ca.certPem, ALPNProtocols: ['http/1.1'] });
    const connection = new Connection(socket);
    // Closed before it is secure: its first answer says so.
    await new Promise((resolve) => {
      for (const event of ['secureConnect', 'close']) socket.once(event, resolve);
    });
    return connection;
  }

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      this.#got = this.#got.length === 0 ? chunk : Buffer.concat([this.#got, chunk]);
      this.#changed();
    });
    socket.on('end', () => this.close());
    socket.on('close', () => {
      this.#isClosed = true;
      this.#changed();
    });
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  write(bytes: Uint8Array | string): void {
    if (!this.#isClosed) this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Closed without an answer: status 0. A stream without an end is read to its first chunk. */
  async answer(method: string, signal: AbortSignal): Promise<Answer> {
    for (;;) {
      const end = await this.#until(() => this.#got.indexOf(headEnd), signal);
      if (end < 0) return { status: 0, type: '', text: '' };
      const head = this.#got.toString('latin1', 0, end);
      this.#got = this.#got.subarray(end + headEnd.length);
      const status = Number(head.split(' ')[1]);
      if (status === 100) continue;
      return {
        status,
        type: headerOf(head, 'content-type'),
        text: await this.#body(method, status, head, signal),
      };
    }
  }

  async #body(method: string, status: number, head: string, signal: AbortSignal): Promise<string> {
    if (method === 'HEAD' || status === 204 || status === 304 || status === 101) return '';
    const length = headerOf(head, 'content-length');
    if (length === '') {
      // Chunks: the framing is read by other tests.
      await this.#until(() => this.#got.indexOf('\r\n'), signal);
      this.close();
      return this.#got.toString();
    }
    await this.#until(() => (this.#got.length >= Number(length) ? 0 : -1), signal);
    const text = this.#got.toString('utf8', 0, Number(length));
    this.#got = this.#got.subarray(Number(length));
    return text;
  }

  async #until(find: () => number, signal: AbortSignal): Promise<number> {
    for (;;) {
      const at = find();
      if (at >= 0 || this.#isClosed || signal.aborted) return at;
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }
}

function headerOf(head: string, name: string): string {
  return new RegExp(`\\r\\n${name}: ([^\\r]*)`, 'i').exec(head)?.[1] ?? '';
}
