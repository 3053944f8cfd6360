/** Strict decoding: fields that are unknown or written twice are refused by name. */

import assert from 'node:assert/strict';
import { deployments } from '#api/generated/kinds.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';
import { isGone, nginxPod, template } from '../shared/workloads.ts';

const labels = { app: 'strict' };
const name = 'strict';

/** The text of a Deployment, each key of `more` written into the object at that place. */
function deploymentText(more: { metadata?: string; spec?: string }): string {
  const spec = JSON.stringify({
    replicas: 1,
    selector: { matchLabels: labels },
    template: template(labels, nginxPod()),
  });
  const insert = (text: string, extra = '') => text.replace('{', `{${extra}`);
  const metadata = insert(JSON.stringify({ name }), more.metadata);
  return `{"apiVersion":"apps/v1","kind":"Deployment","metadata":${metadata},"spec":${insert(spec, more.spec)}}`;
}

/** Sent as it is, so that what is written twice arrives twice. */
async function refused(context: BehaviourContext, text: string): Promise<string> {
  const { client, namespace } = context;
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments?fieldValidation=Strict`;
  const reported = await context.kubectlInput(text, 'create', '--raw', path, '-f', '-').then(
    () => assert.fail('it was accepted'),
    (error: Error) => error.message,
  );
  assert.ok(await isGone(client, deployments, { namespace, name }));
  return reported;
}

async function typed(context: BehaviourContext): Promise<void> {
  const reported = await refused(context, deploymentText({ spec: '"unknownField":1,"replicas":2,' }));
  assert.match(reported, /strict decoding error/);
  assert.match(reported, /unknown field "spec\.unknownField"/);
  assert.match(reported, /duplicate field "spec\.replicas"/);
}

async function metadata(context: BehaviourContext): Promise<void> {
  const reported = await refused(context, deploymentText({ metadata: '"unknownMeta":"x",' }));
  assert.match(reported, /strict decoding error/);
  assert.match(reported, /unknown field "metadata\.unknownMeta"/);
}

const title = '[sig-api-machinery] FieldValidation should';

export const fieldValidation: readonly Behaviour[] = [
  behaviour(`${title} detect unknown and duplicate fields of a typed object [Conformance]`, typed),
  behaviour(`${title} detect unknown metadata fields of a typed object [Conformance]`, metadata),
];
