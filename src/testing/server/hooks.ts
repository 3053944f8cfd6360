/** For tests of admission webhooks: a server as Kubernetes sets it up, and real webhooks on loopback. */

import type { TestContext } from 'node:test';
import {
  mutatingWebhookConfigurations,
  namespaces,
  validatingWebhookConfigurations,
} from '#api/generated/kinds.gen.ts';
import type { MutatingWebhook, ValidatingWebhook } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { createDefaultAccount, startTestServer, type TestServer } from './test-server.ts';
import { startTestWebhook, type TestWebhook } from './webhook-server.ts';

export interface AdmissionRequest {
  readonly uid: string;
  readonly name?: string;
  readonly operation: string;
  readonly object: AnyObject | null;
  readonly oldObject: AnyObject | null;
  readonly [field: string]: unknown;
}

/** What of a response a test says; by default it is allowed. */
type Response = Readonly<Record<string, unknown>>;

/** Webhooks on loopback that one test plays. */
export interface PlayedHooks extends AsyncDisposable {
  readonly webhook: TestWebhook;
  /** What the webhook was asked, by the path of its URL. */
  asked(path?: string): AdmissionRequest[];
  /** How the webhook at a path answers; default `{ allowed: true }`. */
  answer(path: string, response: (request: AdmissionRequest) => Response): void;
  /** Makes a configuration of webhooks at `/NAME` for every write of config maps, with these changes. */
  configure(kind: 'mutating' | 'validating', name: string, ...webhooks: WebhookChanges[]): Promise<void>;
}

export interface Hooks extends PlayedHooks {
  readonly api: TestServer;
}

type WebhookChanges = Partial<MutatingWebhook & ValidatingWebhook>;

export const configMapRule = {
  operations: ['*'],
  apiGroups: [''],
  apiVersions: ['v1'],
  resources: ['configmaps'],
};

/** Their configurations are made with `client`. */
export async function playHooks(client: Client): Promise<PlayedHooks> {
  const asked = new Map<string, AdmissionRequest[]>();
  const answers = new Map<string, (request: AdmissionRequest) => Response>();
  const webhook = await startTestWebhook(({ url, body }) => {
    const path = url.split('?')[0]!;
    const { request, apiVersion } = JSON.parse(body) as { request: AdmissionRequest; apiVersion: string };
    asked.set(path, [...(asked.get(path) ?? []), request]);
    const response = { uid: request.uid, allowed: true, ...answers.get(path)?.(request) };
    return { kind: 'AdmissionReview', apiVersion, response };
  });
  return {
    webhook,
    asked: (path = '/hook') => asked.get(path) ?? [],
    answer: (path, response) => void answers.set(path, response),
    async configure(kind, name, ...webhooks) {
      const type = kind === 'mutating' ? mutatingWebhookConfigurations : validatingWebhookConfigurations;
      const all = (webhooks.length > 0 ? webhooks : [{}]).map((changes) => ({
        name: `${name}.example.com`,
        clientConfig: { url: `${webhook.url}/${name}`, caBundle: webhook.caBundle },
        rules: [configMapRule],
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
        ...changes,
      }));
      await client.create(type, { metadata: { name }, webhooks: all });
    },
    [Symbol.asyncDispose]: () => webhook[Symbol.asyncDispose](),
  };
}

/** Default: a virtual clock. */
export async function startHooks(t: TestContext, env: Partial<Env> = {}): Promise<Hooks> {
  const api = await startTestServer({ setup: 'kubernetes', env });
  t.after(api.stop);
  const played = await playHooks(api.client);
  t.after(() => played[Symbol.asyncDispose]());
  await createDefaultAccount(api.client);
  return { ...played, api };
}

/** `CODE REASON MESSAGE` of what a call is refused with. */
export async function refusalOf(asked: Promise<unknown>): Promise<string> {
  try {
    await asked;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return `${error.code} ${error.reason} ${error.message}`;
  }
  return 'not refused';
}

export const patchOf = (...operations: object[]) => ({
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
});

/** Another namespace with these labels. */
export async function createNamespace(api: TestServer, name: string, labels: Record<string, string>) {
  await api.client.create(namespaces, { metadata: { name, labels } });
}
