/** Webhooks of admission and conversion that answer as they should not, and APIServices that nothing answers for. */

import type { Fields } from '../bodies.ts';
import type { Chance } from '../chance.ts';
import type { Manner, PeerAnswer } from '../extension-peer.ts';
import { operations, patchOf } from '../patches.ts';
import { oddText, oddValue, withRawTexts } from '../values.ts';
import { type Case, send } from './case.ts';
import { celOf, isServed, podDef } from './custom.ts';

const admission = '/apis/admissionregistration.k8s.io/v1';
const leases = '/apis/coordination.k8s.io/v1/namespaces/fuzz-policies/leases';

function answered(chance: Chance, value: unknown): PeerAnswer {
  const manner = chance.weighted<Manner>([
    [30, 'whole'],
    [1, 'cut'],
    [1, 'slow'],
    [1, 'error'],
    [0.5, 'redirect'],
    [0.1, 'long'],
  ]);
  return { manner, text: withRawTexts(chance, JSON.stringify(value) ?? '') };
}

/** Some fields are left out, or are something else. */
function spoiltFields(chance: Chance, fields: Fields): Fields {
  if (!chance.happens(0.2)) return fields;
  const name = chance.pick(Object.keys(fields));
  const { [name]: _, ...rest } = fields;
  return chance.happens(0.5) ? rest : { ...rest, [name]: oddValue(chance) };
}

function review(chance: Chance, asked: Fields, response: Fields): PeerAnswer {
  const { uid } = (asked['request'] ?? {}) as Fields;
  const whole = { ...asked, request: undefined, response: spoiltFields(chance, { uid, ...response }) };
  return answered(chance, chance.happens(0.95) ? spoiltFields(chance, whole) : oddValue(chance));
}

function admissionAnswer(chance: Chance, isMutating: boolean, asked: Fields): PeerAnswer {
  const { object } = (asked['request'] ?? {}) as { object?: Fields };
  const patch = JSON.stringify(operations(chance, object ?? {}));
  return review(chance, asked, {
    allowed: chance.happens(0.8),
    ...(isMutating && chance.happens(0.7)
      ? { patchType: 'JSONPatch', patch: Buffer.from(withRawTexts(chance, patch)).toString('base64') }
      : {}),
    ...(chance.happens(0.3) ? { warnings: chance.times(3, () => oddText(chance)) } : {}),
    ...(chance.happens(0.3)
      ? { status: { code: chance.pick([200, 403, 500, -1, 99, 1e9]), message: oddText(chance) } }
      : {}),
    ...(chance.happens(0.2) ? { auditAnnotations: { [oddText(chance)]: oddText(chance) } } : {}),
  });
}

/** In force, on Leases of a namespace of their own. */
export async function admissionWebhookCase(run: Case): Promise<void> {
  const { chance, name, target } = run;
  const isMutating = chance.happens(0.6);
  const kind = isMutating ? 'mutatingwebhookconfigurations' : 'validatingwebhookconfigurations';
  const clientConfig = target.peer.clientConfig(name, (asked) => admissionAnswer(chance, isMutating, asked));
  const webhooks = Array.from({ length: 1 + chance.below(3) }, (_, index) => ({
    name: `w${index}.fuzz.example`,
    clientConfig,
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    failurePolicy: chance.pick(['Fail', 'Ignore']),
    timeoutSeconds: chance.pick([1, 10, 30]),
    ...(isMutating ? { reinvocationPolicy: chance.pick(['Never', 'IfNeeded']) } : {}),
    ...(chance.happens(0.2) ? { matchConditions: [{ name: 'm', expression: celOf(chance) }] } : {}),
    namespaceSelector: { matchLabels: { fuzz: 'fuzz-policies' } },
    rules: [
      { apiGroups: ['coordination.k8s.io'], apiVersions: ['*'], operations: ['*'], resources: ['leases'] },
    ],
  }));
  await send(run, 'POST', `${admission}/${kind}`, { body: { metadata: { name }, webhooks } });
  for (let i = 0; i < 3; i++) {
    const body = {
      metadata: { name },
      spec: { holderIdentity: 'x', leaseDurationSeconds: chance.below(20) },
    };
    await send(run, i === 0 ? 'POST' : 'PUT', i === 0 ? leases : `${leases}/${name}`, { body });
  }
  await send(run, 'DELETE', `${admission}/${kind}/${name}`);
  target.peer.forget(name);
  await send(run, 'DELETE', `${leases}/${name}`);
}

function conversionAnswer(chance: Chance, asked: Fields): PeerAnswer {
  const { objects = [], desiredAPIVersion } = (asked['request'] ?? {}) as {
    objects?: Fields[];
    desiredAPIVersion?: string;
  };
  const convertedObjects = objects.map((object) =>
    spoiltFields(chance, {
      ...object,
      apiVersion: desiredAPIVersion,
      [chance.pick(['a', 'spec', 'metadata'])]: 1,
    }),
  );
  const right = objects.map((object) => ({ ...object, apiVersion: desiredAPIVersion }));
  return review(chance, asked, {
    result: { status: chance.happens(0.95) ? 'Success' : 'Failure', message: oddText(chance) },
    convertedObjects: chance.happens(0.7) ? right : convertedObjects.slice(chance.below(2)),
  });
}

/** Objects of a kind in two versions, each asked for in both. */
export async function conversionCase(run: Case): Promise<void> {
  const { chance, name, target } = run;
  const plural = `${name}s`;
  const kind = name.toUpperCase();
  const clientConfig = target.peer.clientConfig(name, (asked) => conversionAnswer(chance, asked));
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const versions = ['v1', 'v2'].map((version, i) => ({
    name: version,
    served: true,
    storage: i === 0,
    schema,
  }));
  const conversion = {
    strategy: 'Webhook',
    webhook: { clientConfig, conversionReviewVersions: ['v1'] },
  };
  const names = { plural, kind, singular: name, listKind: `${kind}List` };
  const spec = { group: 'fuzz.example', scope: 'Namespaced', names, versions, conversion };
  const posted = await send(run, 'POST', definitions, {
    body: { metadata: { name: `${plural}.fuzz.example` }, spec },
  });
  const pathOf = (version: string) => `/apis/fuzz.example/${version}/namespaces/fuzz/${plural}`;
  const def = { ...podDef, group: 'fuzz.example', kind };
  try {
    if (posted.status !== 201 || !(await isServed(run, pathOf('v1')))) return;
    for (let i = 0; i < 6; i++) {
      const version = chance.pick(['v1', 'v2']);
      const object = {
        apiVersion: `fuzz.example/${version}`,
        kind,
        metadata: { name: 'c' },
        a: oddValue(chance),
      };
      const at = `${pathOf(version)}/c`;
      const patch = patchOf(chance, object, def);
      await chance.pick([
        () => send(run, 'POST', pathOf(version), { body: object }),
        () => send(run, 'GET', at),
        () =>
          send(run, 'GET', `${pathOf(version)}${chance.pick(['', '?watch=1&timeoutSeconds=1', '?limit=1'])}`),
        () => send(run, 'PUT', at, { body: object }),
        () => send(run, 'PATCH', `${at}?fieldManager=m`, { type: patch.type, body: patch.bytes }),
        () => send(run, 'DELETE', at),
      ])();
    }
  } finally {
    await send(run, 'DELETE', `${definitions}/${plural}.fuzz.example`);
    target.peer.forget(name);
  }
}

/** Requests to a group that another API server should answer. */
export async function aggregatedCase(run: Case): Promise<void> {
  const { chance, name } = run;
  const group = `${name}.fuzz.example`;
  const services = '/apis/apiregistration.k8s.io/v1/apiservices';
  const service = {
    namespace: 'fuzz',
    name: chance.pick(['nope', 'kubernetes']),
    port: chance.pick([443, 1]),
  };
  const spec = {
    group,
    version: 'v1',
    groupPriorityMinimum: 1,
    versionPriority: 1,
    insecureSkipTLSVerify: true,
  };
  const body = { metadata: { name: `v1.${group}` }, spec: { ...spec, service } };
  const posted = await send(run, 'POST', services, { body });
  if (posted.status !== 201) return;
  for (let i = 0; i < 3; i++) {
    const path = chance.pick([
      `/apis/${group}`,
      `/apis/${group}/v1`,
      `/apis/${group}/v1/things?watch=1`,
      '/apis',
    ]);
    await send(run, chance.pick(['GET', 'POST', 'DELETE']), path);
  }
  await send(run, 'DELETE', `${services}/v1.${group}`);
}
