/** One command, or several joined by `;`, to the socket of a HAProxy process; answers with all it says. */

import { createConnection } from 'node:net';

const answerBytesMax = 8 * 1024 * 1024;

/** Rejects when nothing listens, or no whole answer comes within `limitMs`. */
export function askHaproxy(socket: string, commands: string, limitMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const connection = createConnection(socket);
    connection.setEncoding('utf8');
    connection.setTimeout(limitMs, () => connection.destroy(new Error('HAProxy does not answer')));
    connection.on('connect', () => connection.end(`${commands}\n`));
    connection.on('data', (chunk: string) => {
      answer += chunk;
      if (answer.length > answerBytesMax) connection.destroy(new Error('HAProxy says too much'));
    });
    connection.on('error', reject);
    connection.on('close', () => resolve(answer));
  });
}
