/** Requests that never pause, over kept connections: counts what fails while something is changed. */

import { Agent, request } from 'node:http';

export interface LoadTarget {
  readonly address: string;
  readonly port?: number;
  readonly host: string;
  readonly path: string;
}

export interface LoadResult {
  /** Answers by their bodies. */
  readonly answers: ReadonlyMap<string, number>;
  readonly failures: readonly string[];
}

const clients = 8;
const answerLimitMs = 20_000;

/** Returns the function that ends the load. */
export function steadyLoad(target: LoadTarget): () => Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const answers = new Map<string, number>();
  const failures: string[] = [];
  let isOver = false;
  const loop = async () => {
    while (!isOver) {
      const { status, body } = await ask(target, agent).catch((error: Error) => ({
        status: 0,
        body: error.message,
      }));
      if (status === 200) answers.set(body, (answers.get(body) ?? 0) + 1);
      else failures.push(`${status} ${body.slice(0, 200)}`);
    }
  };
  const loops = Array.from({ length: clients }, loop);
  return async () => {
    isOver = true;
    await Promise.all(loops);
    agent.destroy();
    return { answers, failures };
  };
}

export interface Asked {
  readonly status: number;
  readonly body: string;
}

/** Without an agent each request has a connection of its own. */
export function ask(
  { address, port = 80, host, path }: LoadTarget,
  agent: Agent | false = false,
  headers: Readonly<Record<string, string>> = {},
): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const options = {
      host: address,
      port,
      path,
      agent,
      headers: { host, ...headers },
      timeout: answerLimitMs,
    };
    const sent = request(options, (got) => {
      let body = '';
      got.setEncoding('utf8');
      got.on('data', (chunk: string) => {
        body += chunk;
      });
      got.on('end', () => resolve({ status: got.statusCode ?? 0, body: body.trim() }));
      got.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', reject);
    sent.end();
  });
}
