/**
 * Requests as the cluster's admin that the typed client does not make: other methods, headers and answers.
 */

import { readFileSync } from 'node:fs';
import { adminTransport } from '#cli/shared/admin-transport.ts';
import { bodyText } from '#client/transport/body.ts';
import type { BehaviourContext } from '../behaviour.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

export async function request(
  { cluster }: BehaviourContext,
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: unknown,
): Promise<Answer> {
  const { transport, close } = adminTransport(readFileSync(cluster.kubeconfig, 'utf8'));
  try {
    const sent = body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) };
    const answer = await transport.request({ method, path, headers, ...sent });
    return { status: answer.status, headers: answer.headers, text: await bodyText(answer) };
  } finally {
    await close();
  }
}
