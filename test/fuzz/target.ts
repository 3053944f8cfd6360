/** The server under fuzz, called inside the process and over its sockets, with its answers judged. */

import { namespaces } from '#api/generated/kinds.gen.ts';
import { anonymous, type UserInfo } from '#api/meta/user.ts';
import { silentLog } from '#base/log.ts';
import { bodyBytes, isStream } from '#client/transport/body.ts';
import type { ApiRequest, ApiResponse } from '#client/transport/transport.ts';
import {
  adminUser,
  createDefaultAccount,
  startTestServer,
  type TestServer,
} from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { ExtensionPeer } from './extension-peer.ts';
import { type Answer, problemOf, short } from './oracles.ts';

export const restricted: UserInfo = {
  name: 'system:serviceaccount:fuzz:restricted',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:fuzz', 'system:authenticated'],
};
export const users: readonly UserInfo[] = [adminUser, restricted, anonymous];

export interface Fault {
  readonly number: number;
  readonly what: string;
  readonly why: string;
}

interface Asked {
  readonly number: number;
  readonly what: string;
  /** Turns of the pump since it was asked: a process that was stopped for a while has not hung. */
  turns: number;
  readonly abort: AbortController;
}

const pumpEveryMs = 10;
/** A request that takes more of them, about half a minute, hangs. */
const answeredWithinTurns = 3000;
/** Virtual time runs faster than the machine's, so that deadlines, compaction and leases are met. */
const pumpedMs = 100;
const streamReadMs = 3;
/** The wall clock is set forward and back again. */
const jumpEveryTurns = 500;
const jumpMs = 3_600_000;

export class Target {
  readonly server: TestServer;
  readonly clock: VirtualClock;
  readonly peer: ExtensionPeer;
  readonly faults: Fault[] = [];
  readonly byCode = new Map<number, number>();
  requests = 0;
  readonly #asked = new Set<Asked>();
  readonly #errors: string[];
  #pump: NodeJS.Timeout | undefined;
  #isPumping = false;
  #turns = 0;

  static async start(): Promise<Target> {
    const clock = new VirtualClock();
    const errors: string[] = [];
    const log = {
      ...silentLog,
      error: (message: string, fields?: object) => void errors.push(textOf(message, fields)),
    };
    log.child = () => log;
    const server = await startTestServer({ setup: 'kubernetes', https: true, env: { clock, log } });
    for (const name of ['fuzz', 'fuzz-policies', 'fuzz-limits']) {
      await server.client.create(namespaces, { metadata: { name, labels: { fuzz: name } } });
      await createDefaultAccount(server.client, name);
    }
    return new Target(server, clock, await ExtensionPeer.start(server.pki), errors);
  }

  private constructor(server: TestServer, clock: VirtualClock, peer: ExtensionPeer, errors: string[]) {
    this.server = server;
    this.clock = clock;
    this.peer = peer;
    this.#errors = errors;
    this.#pump = setInterval(() => void this.#turn(), pumpEveryMs);
    process.on('uncaughtException', this.#uncaught);
    process.on('unhandledRejection', this.#uncaught);
  }

  /** Errors that the server has logged: a failing answer's stack is the last. */
  lastError(): string {
    return this.#errors.at(-1) ?? '';
  }

  readonly #uncaught = (error: unknown): void => {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const numbers = [...this.#asked].map(({ number, what }) => `${number} ${what}`).join('; ');
    this.fault(-1, `one of: ${numbers}`, `uncaught: ${stack}`);
  };

  async #turn(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.#turns++;
    const jump = this.#turns % (2 * jumpEveryTurns);
    if (jump === 0) this.clock.jump(-jumpMs);
    if (jump === jumpEveryTurns) this.clock.jump(jumpMs);
    await this.clock.advance(pumpedMs);
    this.#isPumping = false;
    for (const asked of this.#asked) {
      if (++asked.turns < answeredWithinTurns) continue;
      this.#asked.delete(asked);
      this.fault(asked.number, asked.what, 'no answer');
      asked.abort.abort();
    }
  }

  fault(number: number, what: string, why: string): void {
    this.faults.push({ number, what: short(what), why });
  }

  /** Runs `ask` as one request of the case `number`; what it answers is judged. */
  async judged(
    number: number,
    what: () => string,
    ask: (signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    const abort = new AbortController();
    const asked = { number, what: short(what()), turns: 0, abort };
    this.#asked.add(asked);
    this.requests++;
    const errorsBefore = this.#errors.length;
    try {
      const answer = await untilAborted(ask(abort.signal), abort.signal);
      this.byCode.set(answer.status, (this.byCode.get(answer.status) ?? 0) + 1);
      const problem = problemOf(answer, what());
      const stack = this.#errors.slice(errorsBefore).join('\n');
      if (problem) this.fault(number, what(), stack ? `${problem}\n${stack.slice(0, 1500)}` : problem);
      return answer;
    } finally {
      this.#asked.delete(asked);
    }
  }

  send(number: number, request: ApiRequest, user: UserInfo = adminUser): Promise<Answer> {
    const what = () => describe(request, user);
    return this.judged(number, what, async (signal) => {
      const response = await this.server.server.transport(user).request({ ...request, signal });
      return answerOf(response);
    });
  }

  async stop(): Promise<void> {
    process.off('uncaughtException', this.#uncaught);
    process.off('unhandledRejection', this.#uncaught);
    const stopped = this.server.stop();
    await stopped;
    await this.peer.stop();
    clearInterval(this.#pump);
  }

  get storedErrors(): readonly string[] {
    return this.#errors;
  }
}

function textOf(message: string, fields: object = {}): string {
  return `${message} ${Object.entries(fields)
    .map(([key, value]) => `${key}: ${value}`)
    .join(' ')}`;
}

export function describe({ method, path, headers, body }: ApiRequest, user: UserInfo): string {
  const text = body ? Buffer.from(body).toString('latin1') : '';
  return `${user.name} ${method} ${short(path)} ${JSON.stringify(headers)} ${text}`;
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Hung()), { once: true });
    promise.then(resolve, reject);
  });
}

/** The request was given up; the fault has been noted. */
export class Hung extends Error {}

async function answerOf(response: ApiResponse): Promise<Answer> {
  const { status, headers, body } = response;
  const type = headers['content-type'] ?? '';
  if (!isStream(body)) return { status, type, text: (await bodyBytes(response)).toString() };
  return { status, type, text: await beginningOf(body) };
}

/** A watch has no end: its first chunks are read, then it is closed. */
function beginningOf(body: Extract<ApiResponse['body'], { start: unknown }>): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    let close = () => {};
    const finish = () => {
      close();
      resolve(text);
    };
    body.start({
      write(chunk, sent) {
        text += Buffer.from(chunk).toString();
        sent?.();
        return true;
      },
      end: finish,
      fail: finish,
      onDrain() {},
      onClose(callback) {
        const before = close;
        close = () => {
          before();
          callback();
        };
      },
    });
    setTimeout(finish, streamReadMs);
  });
}
