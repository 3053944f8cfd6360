/** The two servers whose answers are compared: one in this process, and one behind a URL. */

import { Agent, fetch } from 'undici';
import { bodyBytes } from '#client/transport/body.ts';
import { systemEnv } from '#host/system-env.ts';
import { startTestServer } from '#testing/server/test-server.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly type: string;
  readonly body: Uint8Array;
}

export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly warnings: string;
}

export interface Server {
  ask(request: Asked): Promise<Answered>;
}

const userAgent = 'compare';

/** As the other server knows the owner of its token. */
const sameUser = { name: 'admin', uid: 'admin', groups: ['system:masters', 'system:authenticated'] };

/** Of what an object of this kind does not do here. */
const ownWarning = /299 - "kybern (?:[^"\\]|\\.)*"(?:, )?/;

export async function ownServer(): Promise<Server & { stop(): Promise<void> }> {
  const configuration = { arguments: { 'disable-admission-plugins': ['ServiceAccount'] } };
  const { clock } = systemEnv();
  const server = await startTestServer({ setup: 'kubernetes', configuration, env: { clock } });
  const transport = server.server.transport(sameUser);
  return {
    async ask({ method, path, type, body }) {
      const headers = { 'content-type': type, 'user-agent': userAgent, accept: 'application/json' };
      const response = await transport.request({ method, path, headers, body });
      const text = (await bodyBytes(response)).toString();
      const warnings = String(response.headers['warning'] ?? '').replace(ownWarning, '');
      return { status: response.status, text, warnings };
    },
    stop: () => server.stop(),
  };
}

/** A status of 0 stands for a connection that was closed without an answer. */
export function otherServer(url: string, token: string): Server {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  return {
    async ask({ method, path, type, body }) {
      const headers = {
        'content-type': type,
        'user-agent': userAgent,
        accept: 'application/json',
        authorization: `Bearer ${token}`,
      };
      const response = await fetch(url + path, {
        method,
        headers,
        body: body.length === 0 ? null : body,
        dispatcher,
      }).catch(() => undefined);
      if (!response) return { status: 0, text: '', warnings: '' };
      const warnings = response.headers.get('warning') ?? '';
      return { status: response.status, text: await response.text(), warnings };
    },
  };
}
